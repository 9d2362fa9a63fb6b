package esdbserver

import (
	"errors"
	"unicode/utf8"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"leeway/eventstore"
)

// incoming is an AppendReq as it is read from the wire: what an append begins
// with, or one of its events, as the store keeps it. The library would make a
// map and a copy of everything first.
type incoming struct {
	options *streams.AppendReq_Options
	event   *eventstore.Event
	invalid error // what the client is told of an event that it may not send
}

// errWire says that a message is not as the protocol has it.
var errWire = errors.New("malformed message")

// read reads one message. The last of several fields of a kind counts.
func (m *incoming) read(b []byte) error {
	return eachField(b, func(field protowire.Number, value []byte) error {
		switch field {
		case requestOptions:
			m.options, m.event = new(streams.AppendReq_Options), nil
			return proto.Unmarshal(value, m.options)
		case requestEvent:
			m.options = nil
			return m.readEvent(value)
		}
		return nil
	})
}

// readEvent reads a proposed event. Of the system metadata the type and the
// content type are kept; no client sends more.
func (m *incoming) readEvent(b []byte) error {
	var e envelope
	var eventType string
	err := eachField(b, func(field protowire.Number, value []byte) (err error) {
		switch field {
		case proposedID:
			var id shared.UUID
			if err := proto.Unmarshal(value, &id); err != nil {
				return err
			}
			e.id, m.invalid = idBytes(&id)
		case proposedMeta:
			key, entry, err := readPair(value)
			if err != nil {
				return err
			}
			switch string(key) {
			case keyType:
				eventType = string(entry)
			case keyContentType:
				e.contentType = text(entry)
			}
		case proposedCustom:
			e.metadata = value
		case proposedData:
			e.data = value
		}
		return nil
	})
	if err != nil {
		return err
	}
	event := e.wrap(eventType)
	m.event = &event
	return nil
}

// readPair reads an entry of a map of texts.
func readPair(b []byte) (key, value []byte, err error) {
	err = eachField(b, func(field protowire.Number, text []byte) error {
		if !utf8.Valid(text) {
			return errWire
		}
		switch field {
		case mapKey:
			key = text
		case mapValue:
			value = text
		}
		return nil
	})
	return key, value, err
}

// eachField visits the fields of a message that have a length. Those of other
// kinds are passed over: no message that is read here has any.
func eachField(b []byte, visit func(protowire.Number, []byte) error) error {
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errWire
		}
		b = b[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(field, kind, b); n < 0 {
				return errWire
			}
			b = b[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return errWire
		}
		if err := visit(field, value); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}
