// The official client's own tests run from here. The module is apart so that
// the container library they are compiled with stays out of ours, and it does
// not require ours, because beside some of our libraries that one does not
// compile. See ../README.md.
module leeway/eventstore/esdbserver/fidelity

go 1.26.0

require github.com/EventStore/EventStore-Client-Go/v4 v4.2.0

require (
	github.com/google/uuid v1.6.0 // indirect
	golang.org/x/net v0.30.0 // indirect
	golang.org/x/sys v0.26.0 // indirect
	golang.org/x/text v0.19.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20241007155032-5fefd90f89a9 // indirect
	google.golang.org/grpc v1.67.1 // indirect
	google.golang.org/protobuf v1.35.1 // indirect
)
