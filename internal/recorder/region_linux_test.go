package recorder

import "testing"

func TestSizeIsSealed(t *testing.T) {
	f, host, err := Create(2)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer host.Close()
	for _, size := range []int64{0, 1 << 20} {
		if err := f.Truncate(size); err == nil {
			t.Errorf("truncated to %d bytes", size)
		}
	}
}
