package faults

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/needs"
)

const nobody = 65534

// TestAsOrdinaryUser runs the tests that must hold without any privilege again,
// as a user without capabilities. Without root that is what they ran as already.
func TestAsOrdinaryUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("this is an ordinary user already")
	}
	dir := tempDir(t)
	self := filepath.Join(dir, "faults.test")
	if err := copyFile("/proc/self/exe", self, 0o755); err != nil {
		t.Fatal(err)
	}
	again := exec.Command(self, "-test.v", "-test.run",
		"^(TestDefaultPlan|TestSwapFlipsEveryDecision|TestOuterSandbox|TestWithoutLandlock|TestHostKilled|"+
			"TestPluginFaults|TestOthersUnread|TestFenceIsNoPolicy|"+
			"TestFewDescriptors|TestNothingIsHandedOver|TestLastingIsNoPolicy)$/"+
			"^(enosys|eperm|listener|host0|worker0|segv|hang|garbage|flood|grandchild|files\\d+)$")
	again.Dir = dir
	again.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir,
		envPrograms + "=" + bin(t), "HRHOST_REQUIRE=" + os.Getenv("HRHOST_REQUIRE"), envAll + "=" + os.Getenv(envAll)}
	again.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	out, err := again.CombinedOutput()
	text := string(out)
	if err != nil || !strings.Contains(text, "--- PASS: TestDefaultPlan") {
		t.Errorf("as user %d: %v\n%s", nobody, err, text)
	}
	t.Logf("%s", text)
	for line := range strings.Lines(text) {
		if strings.Contains(line, "--- SKIP") {
			t.Errorf("as user %d: %s", nobody, line)
		}
	}
}

// TestDefaultPlan runs the plan that hrhost comes with, without the families that
// need a bus where there is none.
func TestDefaultPlan(t *testing.T) {
	dir, plan := tempDir(t), filepath.Join(bin(t), "config.toml")
	args := []string{"run", plan, "--out", filepath.Join(dir, "out")}
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		if needs.Required(needs.DBus) {
			t.Fatal(err)
		}
		args = append(args, "--family", "sysctl,procinfo,signal")
	}
	f, out := runProgram(t, dir, command(filepath.Join(bin(t), "hrhost"), nil, args...))
	f.sealedHere()
	if f.Exit != 0 || !f.Verify.Valid || len(f.packets) > 0 {
		t.Errorf("exit code %d, packets %v, findings %v\n%s", f.Exit, f.packets, f.Verify.Findings, out)
	}
	for _, r := range f.rows {
		held := r.Arm == lane.Before && r.Use != ""
		if !held && r.Decision.Reason != lane.UnsupportedOnWorld && r.Decision.Tier != lane.TierWitnessed {
			t.Errorf("%s: %+v", r.ExpectationID, r.Decision)
		}
	}
}
