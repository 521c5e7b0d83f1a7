package wire

import pb "github.com/hrhost/hrhost/internal/wire/probev1"

func (d Diagnostic) message() *pb.Diagnostic {
	return &pb.Diagnostic{
		Severity: severities.to(d.Severity),
		Summary:  mend(d.Summary),
		Detail:   mend(d.Detail),
		Path:     mend(d.Path),
	}
}

func diagnosticFrom(m *pb.Diagnostic) (Diagnostic, error) {
	severity, err := severities.from(m.GetSeverity())
	return Diagnostic{
		Severity: severity,
		Summary:  short(m.GetSummary()),
		Detail:   short(m.GetDetail()),
		Path:     short(m.GetPath()),
	}, err
}

func (t PrepareTarget) message() *pb.PrepareTarget {
	return &pb.PrepareTarget{Operation: mend(t.Operation), Target: mend(t.Target), Arm: arms.to(t.Arm)}
}

func prepareTargetFrom(m *pb.PrepareTarget) (PrepareTarget, error) {
	arm, err := arms.from(m.GetArm())
	return PrepareTarget{Operation: m.GetOperation(), Target: m.GetTarget(), Arm: arm}, err
}

func (r PrepareRequest) message() *pb.PrepareRequest {
	return &pb.PrepareRequest{Targets: each(r.Targets, PrepareTarget.message)}
}

func prepareRequestFrom(m *pb.PrepareRequest) (PrepareRequest, error) {
	targets, err := tryEach(m.GetTargets(), prepareTargetFrom)
	return PrepareRequest{Targets: targets}, err
}

func (t PreparedTarget) message() *pb.PreparedTarget {
	return &pb.PreparedTarget{
		Operation:   mend(t.Operation),
		Target:      mend(t.Target),
		Arm:         arms.to(t.Arm),
		Ready:       t.Ready,
		FilterValue: mend(t.FilterValue),
		Detail:      mend(t.Detail),
	}
}

func preparedTargetFrom(m *pb.PreparedTarget) (PreparedTarget, error) {
	arm, err := arms.from(m.GetArm())
	return PreparedTarget{
		PrepareTarget: PrepareTarget{Operation: m.GetOperation(), Target: m.GetTarget(), Arm: arm},
		Ready:         m.GetReady(),
		FilterValue:   short(m.GetFilterValue()),
		Detail:        short(m.GetDetail()),
	}, err
}

func (r PrepareResponse) message() *pb.PrepareResponse {
	return &pb.PrepareResponse{
		Targets:     each(r.Targets, PreparedTarget.message),
		Diagnostics: each(r.Diagnostics, Diagnostic.message),
	}
}

func prepareResponseFrom(m *pb.PrepareResponse) (PrepareResponse, error) {
	targets, err := tryEach(m.GetTargets(), preparedTargetFrom)
	if err != nil {
		return PrepareResponse{}, err
	}
	diagnostics, err := tryEach(m.GetDiagnostics(), diagnosticFrom)
	return PrepareResponse{Targets: targets, Diagnostics: diagnostics}, err
}

func (r SealRequest) message() *pb.SealRequest {
	m := &pb.SealRequest{Epoch: narrow32(r.Epoch), AppliedByHost: r.AppliedByHost, Sbpl: mend(r.SBPL)}
	for name, value := range r.Params {
		if m.Params == nil {
			m.Params = map[string]string{}
		}
		m.Params[mend(name)] = mend(value)
	}
	return m
}

func sealRequestFrom(m *pb.SealRequest) SealRequest {
	return SealRequest{
		Epoch:         int(m.GetEpoch()),
		AppliedByHost: m.GetAppliedByHost(),
		SBPL:          m.GetSbpl(),
		Params:        m.GetParams(),
	}
}

func (r SealReport) message() *pb.SealResponse {
	return &pb.SealResponse{
		InForce:   r.InForce,
		Mechanism: mend(r.Mechanism),
		Detail:    mend(r.Detail),
		Descriptors: each(r.Descriptors, func(d Descriptor) *pb.Descriptor {
			return &pb.Descriptor{Fd: narrow32(d.FD), Kind: mend(d.Kind)}
		}),
		NoNewPrivs: r.NoNewPrivs,
		Pid:        narrow32(r.PID),
		Apply:      r.Apply.message(),
	}
}

func (r *ApplyReport) message() *pb.ApplyReport {
	if r == nil {
		return nil
	}
	return &pb.ApplyReport{Api: mend(r.API), Rc: narrow32(r.RC), Errno: narrow32(r.Errno), Errbuf: mend(r.Errbuf)}
}

func applyReportFrom(m *pb.ApplyReport) *ApplyReport {
	if m == nil {
		return nil
	}
	return &ApplyReport{API: m.GetApi(), RC: int(m.GetRc()), Errno: int(m.GetErrno()), Errbuf: short(m.GetErrbuf())}
}

func sealReportFrom(m *pb.SealResponse) SealReport {
	return SealReport{
		InForce:   m.GetInForce(),
		Mechanism: short(m.GetMechanism()),
		Detail:    short(m.GetDetail()),
		Descriptors: each(m.GetDescriptors(), func(d *pb.Descriptor) Descriptor {
			return Descriptor{FD: int(d.GetFd()), Kind: d.GetKind()}
		}),
		NoNewPrivs: m.GetNoNewPrivs(),
		PID:        int(m.GetPid()),
		Apply:      applyReportFrom(m.GetApply()),
	}
}

func (i RunItem) message() *pb.RunItem {
	return &pb.RunItem{
		Slot:       unsigned32(i.Slot),
		Id:         mend(i.ID),
		Operation:  mend(i.Operation),
		FilterName: mend(i.FilterName),
		Target:     mend(i.Target),
		Arm:        arms.to(i.Arm),
		Attempt:    narrow32(i.Attempt),
	}
}

func runItemFrom(m *pb.RunItem) (RunItem, error) {
	arm, err := arms.from(m.GetArm())
	return RunItem{
		Slot:       int(m.GetSlot()),
		ID:         m.GetId(),
		Operation:  m.GetOperation(),
		FilterName: m.GetFilterName(),
		Target:     m.GetTarget(),
		Arm:        arm,
		Attempt:    int(m.GetAttempt()),
	}, err
}
