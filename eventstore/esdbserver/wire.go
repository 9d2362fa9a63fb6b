package esdbserver

import (
	"slices"
	"strconv"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"

	"leeway/eventstore"
)

// codec is gRPC's own, but for the message that a read sends again and again, and
// for those that an append consists of.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(proto.Name)} }

// Marshal implements encoding.CodecV2.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	if e, ok := v.(encoded); ok {
		return mem.BufferSlice{mem.SliceBuffer(e)}, nil
	}
	return c.CodecV2.Marshal(v)
}

// Unmarshal implements encoding.CodecV2.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(*incoming)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	whole := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer whole.Free() // nothing of it is kept
	return m.read(whole.ReadOnlyData())
}

// encoded is a ReadResp with an event in it, as it goes over the wire. The
// library takes longer for its map of three texts than the store for the row;
// TestWire holds that the library reads what is written here, TestIncoming the inverse.
type encoded []byte

// Numbers of the protocol's fields, by their message in streams.proto and
// shared.proto.
const (
	requestOptions, requestEvent = 1, 2 // AppendReq

	proposedID, proposedMeta     = 1, 2 // AppendReq.ProposedMessage
	proposedCustom, proposedData = 3, 4

	respEvent = 1 // ReadResp

	eventRecord, eventCommit = 1, 3 // ReadEvent

	recordID, recordStream, recordRevision  = 1, 2, 3 // RecordedEvent
	recordPrepare, recordCommit, recordMeta = 4, 5, 6
	recordCustom, recordData                = 7, 8

	idStructured, idString = 1, 2 // UUID
	idMost, idLeast        = 1, 2 // UUID.Structured

	streamName = 3 // StreamIdentifier

	mapKey, mapValue = 1, 2
)

// outerRoom is for the two tags and lengths that come before a record. They
// are written last, when the lengths are known.
const outerRoom = 2 * (1 + 5)

// encode writes the message that shows an event to a client.
func encode(r eventstore.Recorded, e envelope, idAsText bool) encoded {
	b := make([]byte, outerRoom, outerRoom+len(r.Stream)+len(r.Type)+len(e.contentType)+len(e.metadata)+len(e.data)+224)
	wire := toWire(r.Position)
	b = appendID(b, e.id, idAsText)
	stream := named(r.Stream)
	b = protowire.AppendTag(b, recordStream, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(protowire.SizeTag(streamName)+protowire.SizeBytes(len(stream))))
	b = appendText(b, streamName, stream)
	b = appendNumber(b, recordRevision, uint64(r.Revision))
	b = appendNumber(b, recordPrepare, wire)
	b = appendNumber(b, recordCommit, wire)
	b = appendPair(b, keyType, named(r.Type))
	b = appendPair(b, keyContentType, e.contentType)
	var created [20]byte
	b = appendPair(b, keyCreated, string(strconv.AppendInt(created[:0], r.Created.UnixNano()/100, 10)))
	b = appendText(b, recordCustom, e.metadata)
	b = appendText(b, recordData, e.data)

	size := len(b) - outerRoom
	b = appendNumber(b, eventCommit, wire)
	var outer [outerRoom]byte
	inner := protowire.SizeTag(eventRecord) + protowire.SizeVarint(uint64(size)) + len(b) - outerRoom
	o := protowire.AppendTag(outer[:0], respEvent, protowire.BytesType)
	o = protowire.AppendVarint(o, uint64(inner))
	o = protowire.AppendTag(o, eventRecord, protowire.BytesType)
	o = protowire.AppendVarint(o, uint64(size))
	b = b[outerRoom-len(o):]
	copy(b, o)
	return b
}

// appendID writes an id as the client wants it: in two numbers, or as text.
func appendID(b []byte, id [16]byte, asText bool) []byte {
	var in [2 * (1 + 10)]byte
	inner := in[:0]
	kind := protowire.Number(idStructured)
	if asText {
		kind, inner = idString, append(slices.Grow(inner, 36), formatID(id)...)
	} else {
		most, least := halves(id)
		inner = appendNumber(inner, idMost, most)
		inner = appendNumber(inner, idLeast, least)
	}
	b = protowire.AppendTag(b, recordID, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(protowire.SizeTag(kind)+protowire.SizeBytes(len(inner))))
	return appendText(b, kind, inner)
}

// appendPair writes one entry of a record's system metadata.
func appendPair(b []byte, key, value string) []byte {
	b = protowire.AppendTag(b, recordMeta, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(protowire.SizeTag(mapKey)+protowire.SizeBytes(len(key))+
		protowire.SizeTag(mapValue)+protowire.SizeBytes(len(value))))
	return appendText(appendText(b, mapKey, key), mapValue, value)
}

func appendNumber(b []byte, field protowire.Number, n uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), n)
}

func appendText[T string | []byte](b []byte, field protowire.Number, text T) []byte {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	return append(protowire.AppendVarint(b, uint64(len(text))), text...)
}
