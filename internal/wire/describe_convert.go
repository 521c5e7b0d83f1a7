package wire

import pb "github.com/hrhost/hrhost/internal/wire/probev1"

func (d Description) message() *pb.DescribeResponse {
	return &pb.DescribeResponse{
		Family:          mend(d.Family),
		Version:         mend(d.Version),
		Doc:             mend(d.Doc),
		ProtocolVersion: mend(d.ProtocolVersion),
		Capabilities:    mendAll(d.Capabilities),
		Probes:          each(d.Probes, Probe.message),
		OptionsSchema:   d.OptionsSchema,
	}
}

func descriptionFrom(m *pb.DescribeResponse) (Description, error) {
	if err := excessive(m); err != nil {
		return Description{}, err
	}
	probes, err := tryEach(m.GetProbes(), probeFrom)
	return Description{
		Family:          short(m.GetFamily()),
		Version:         short(m.GetVersion()),
		Doc:             short(m.GetDoc()),
		ProtocolVersion: m.GetProtocolVersion(),
		Capabilities:    m.GetCapabilities(),
		Probes:          probes,
		OptionsSchema:   m.GetOptionsSchema(),
	}, err
}

func (p Probe) message() *pb.Probe {
	return &pb.Probe{
		Operation:             mend(p.Operation),
		Filter:                mend(p.Filter),
		Purpose:               mend(p.Purpose),
		Carrier:               mend(p.Carrier),
		Results:               each(p.Results, ResultCode.message),
		PolicyBeforeExistence: p.PolicyBeforeExistence,
		OneWay:                p.OneWay,
		ObservableEffect:      p.ObservableEffect,
		Dependencies:          mendAll(p.Dependencies),
		Controls:              mendAll(p.Controls),
		Platforms:             each(p.Platforms, platforms.to),
		Targets:               mendAll(p.Targets),
		Handle:                mend(p.Handle),
	}
}

func probeFrom(m *pb.Probe) (Probe, error) {
	results, err := tryEach(m.GetResults(), resultCodeFrom)
	if err != nil {
		return Probe{}, err
	}
	where, err := tryEach(m.GetPlatforms(), platforms.from)
	return Probe{
		Operation:             short(m.GetOperation()),
		Filter:                short(m.GetFilter()),
		Purpose:               short(m.GetPurpose()),
		Carrier:               short(m.GetCarrier()),
		Results:               results,
		PolicyBeforeExistence: m.GetPolicyBeforeExistence(),
		OneWay:                m.GetOneWay(),
		ObservableEffect:      m.GetObservableEffect(),
		Dependencies:          m.GetDependencies(),
		Controls:              m.GetControls(),
		Platforms:             where,
		Targets:               m.GetTargets(),
		Handle:                short(m.GetHandle()),
	}, err
}

func (c ResultCode) message() *pb.ResultCode {
	m := &pb.ResultCode{Api: mend(c.API), Class: classes.to(c.Class), Source: mend(c.Source)}
	if c.Native != nil {
		m.Code = &pb.ResultCode_Native{Native: c.Native.message()}
	} else if c.Errno != nil {
		m.Code = &pb.ResultCode_Errno{Errno: int32(*c.Errno)}
	}
	return m
}

func resultCodeFrom(m *pb.ResultCode) (ResultCode, error) {
	class, err := classes.from(m.GetClass())
	c := ResultCode{API: short(m.GetApi()), Class: class, Source: short(m.GetSource())}
	switch code := m.GetCode().(type) {
	case *pb.ResultCode_Errno:
		c.Errno = widen(&code.Errno)
	case *pb.ResultCode_Native:
		c.Native = nativeFrom(code.Native)
	default:
		return c, violation("a result code of %q with neither errno nor native code", m.GetApi())
	}
	return c, err
}

func (n *Native) message() *pb.Native {
	if n == nil {
		return nil
	}
	return &pb.Native{Api: mend(n.API), Code: n.Code, Name: mend(n.Name)}
}

func nativeFrom(m *pb.Native) *Native {
	if m == nil {
		return nil
	}
	return &Native{API: short(m.GetApi()), Code: m.GetCode(), Name: short(m.GetName())}
}
