package main

import (
	"fmt"
	"io"
	"sync"

	"github.com/ebitengine/purego"

	"github.com/hrhost/hrhost/sdk"
)

// kit is IOKit, loaded before sealing: a profile may forbid to load it later.
type kit struct {
	matching   func(class string) uintptr
	find       func(port uint32, dictionary uintptr) uint32 // takes the dictionary over
	open       func(service, task, kind uint32, connection *uint32) int32
	serviceOf  func(connection uint32, service *uint32) int32
	close      func(connection uint32) int32
	release    func(object uint32) int32
	task       uint32
	loadFailed error
}

var loadKit = sync.OnceValue(func() *kit {
	k := &kit{}
	lib, err := purego.Dlopen("/System/Library/Frameworks/IOKit.framework/IOKit", purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		k.loadFailed = fmt.Errorf("loading IOKit: %w", err)
		return k
	}
	for name, fn := range map[string]any{
		"IOServiceMatching": &k.matching, "IOServiceGetMatchingService": &k.find, "IOServiceOpen": &k.open,
		"IOConnectGetService": &k.serviceOf, "IOServiceClose": &k.close, "IOObjectRelease": &k.release,
	} {
		purego.RegisterLibFunc(fn, lib, name)
	}
	var self func() uint32
	purego.RegisterLibFunc(&self, purego.RTLD_DEFAULT, "task_self_trap") // what mach_task_self() holds
	k.task = self()
	return k
})

// service is the first service of a class, 0 when there is none.
func (k *kit) service(class string) uint32 {
	dictionary := k.matching(class)
	if dictionary == 0 {
		return 0
	}
	return k.find(0, dictionary)
}

// failure is an IOReturn as a result; nil for success.
func failure(api string, code int32) error {
	names := map[int32]string{notPermitted: "kIOReturnNotPermitted", notPrivileged: "kIOReturnNotPrivileged"}
	if code == 0 {
		return nil
	}
	name := names[code]
	if name == "" {
		name = fmt.Sprintf("IOReturn %#x", uint32(code))
	}
	return &sdk.Native{API: api, Code: int64(code), Name: name}
}

func openService(rec *sdk.Recorder) error {
	k, class := loadKit(), rec.Target()
	if k.loadFailed != nil {
		return k.loadFailed
	}
	service := k.service(class) // looked for before the attempt: finding is not opening
	if service != 0 {
		defer k.release(service)
	}
	var connection uint32
	err := rec.Attempt(sdk.Call{API: "IOServiceOpen", Carrier: "IOServiceOpen " + class, Filter: class}, func() (string, error) {
		if service == 0 {
			return "", &sdk.Native{API: "IOServiceOpen", Code: noService, Name: "no matching service"}
		}
		return "", failure("IOServiceOpen", k.open(service, k.task, 0, &connection))
	})
	if err == nil {
		k.close(connection)
	}
	return nil
}

func serviceHandle() *sdk.Handle {
	loadKit() // the Spec is made before anything is sealed
	return &sdk.Handle{Kind: "connection to a service", Acquire: connect, Use: askConnection}
}

// connection is one that was opened before sealing.
type connection struct {
	k     *kit
	port  uint32
	class string
}

func (c *connection) Close() error { return failure("IOServiceClose", c.k.close(c.port)) }

func connect(class string) (io.Closer, error) {
	k := loadKit()
	if k.loadFailed != nil {
		return nil, k.loadFailed
	}
	service := k.service(class)
	if service == 0 {
		return nil, fmt.Errorf("no service of class %q", class)
	}
	defer k.release(service)
	c := &connection{k: k, class: class}
	if err := failure("IOServiceOpen", k.open(service, k.task, 0, &c.port)); err != nil {
		return nil, err
	}
	return c, nil
}

// askConnection asks the held connection which service it leads to.
func askConnection(rec *sdk.Recorder, held io.Closer) error {
	c := held.(*connection)
	rec.Attempt(sdk.Call{API: useAPI, Carrier: useAPI + " held " + c.class, Filter: c.class}, func() (string, error) {
		var service uint32
		if err := failure(useAPI, c.k.serviceOf(c.port, &service)); err != nil {
			return "", err
		}
		c.k.release(service)
		return "", nil
	})
	return nil
}
