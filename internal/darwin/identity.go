//go:build darwin || linux

package darwin

import (
	"errors"
	"fmt"
)

var (
	csrGetActiveConfig  = system.symbol("csr_get_active_config")
	dyldSharedCacheUUID = system.symbol("_dyld_get_shared_cache_uuid")
)

// SIP is the System Integrity Protection bits that are off, by
// csr_get_active_config. 0 means that it is fully on. fact:world.sip
func SIP() (uint32, error) {
	f := new(frame)
	defer f.Unpin()
	bits := new(uint32)
	r, errno, err := f.call(csrGetActiveConfig, pin(f, bits))
	if err == nil && asInt(r) != 0 {
		err = &Failure{Call: csrGetActiveConfig.name, RC: asInt(r), Errno: errno}
	}
	if err != nil {
		return 0, fmt.Errorf("reading the state of SIP: %w", err)
	}
	return *bits, nil
}

// SharedCacheUUID names dyld's shared cache, by _dyld_get_shared_cache_uuid.
// fact:world.shared-cache
func SharedCacheUUID() ([16]byte, error) {
	f := new(frame)
	defer f.Unpin()
	uuid := new([16]byte)
	r, _, err := f.call(dyldSharedCacheUUID, pin(f, uuid))
	if err == nil && uint8(r) == 0 { // a C bool is one byte
		err = errors.New("this process uses no shared cache")
	}
	if err != nil {
		return *uuid, fmt.Errorf("reading the shared cache's UUID: %w", err)
	}
	return *uuid, nil
}
