// A probe plugin by a third party: it imports hrhost's SDK and nothing else of it.
module example.org/systemsocket

go 1.26.8

require github.com/hrhost/hrhost v0.0.0

require (
	github.com/ebitengine/purego v0.11.3 // indirect
	github.com/planetscale/vtprotobuf v0.6.1-0.20240319094008-0393e58bdf10 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260817212433-ac3dfec99bb1 // indirect
	google.golang.org/grpc v1.85.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

replace github.com/hrhost/hrhost => ../..
