package wire

import pb "github.com/hrhost/hrhost/internal/wire/probev1"

// enum maps one protobuf enum to its words. The zero value is in no table.
type enum[P ~int32, W ~string] struct {
	name  string
	words map[P]W
}

// from refuses unspecified and unknown values.
func (e enum[P, W]) from(p P) (W, error) {
	if w, ok := e.words[p]; ok {
		return w, nil
	}
	return "", violation("%s %d", e.name, p)
}

// to gives 0 for an unknown word; the peer will refuse it.
func (e enum[P, W]) to(w W) P {
	for p, word := range e.words {
		if word == w {
			return p
		}
	}
	return 0
}

var (
	arms = enum[pb.Arm, Arm]{"arm", map[pb.Arm]Arm{
		pb.Arm_ARM_AFTER: After, pb.Arm_ARM_BEFORE: Before, pb.Arm_ARM_AGAIN: Again,
	}}
	classes = enum[pb.ResultClass, Class]{"result class", map[pb.ResultClass]Class{
		pb.ResultClass_RESULT_CLASS_OK:      OK,
		pb.ResultClass_RESULT_CLASS_DENIED:  Denied,
		pb.ResultClass_RESULT_CLASS_MISSING: Missing,
		pb.ResultClass_RESULT_CLASS_OTHER:   Other,
	}}
	effects = enum[pb.Effect, Effect]{"effect", map[pb.Effect]Effect{
		pb.Effect_EFFECT_SEEN:         EffectSeen,
		pb.Effect_EFFECT_ABSENT:       EffectAbsent,
		pb.Effect_EFFECT_UNOBSERVABLE: EffectUnobservable,
	}}
	stages = enum[pb.Stage, Stage]{"stage", map[pb.Stage]Stage{
		pb.Stage_STAGE_PREPARE:   StagePrepare,
		pb.Stage_STAGE_APPLY:     StageApply,
		pb.Stage_STAGE_ACQUIRE:   StageAcquire,
		pb.Stage_STAGE_OPERATION: StageOperation,
		pb.Stage_STAGE_EFFECT:    StageEffect,
		pb.Stage_STAGE_CLEANUP:   StageCleanup,
	}}
	severities = enum[pb.Severity, Severity]{"severity", map[pb.Severity]Severity{
		pb.Severity_SEVERITY_WARNING: Warning, pb.Severity_SEVERITY_ERROR: Error,
	}}
	platforms = enum[pb.Platform, Platform]{"platform", map[pb.Platform]Platform{
		pb.Platform_PLATFORM_LINUX: Linux, pb.Platform_PLATFORM_MACOS: MacOS,
	}}
)
