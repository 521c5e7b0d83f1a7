package wire

import (
	"github.com/hrhost/hrhost/internal/terms"
	pb "github.com/hrhost/hrhost/internal/wire/probev1"
)

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
	arms = enum[pb.Arm, terms.Arm]{"arm", map[pb.Arm]terms.Arm{
		pb.Arm_ARM_AFTER: terms.After, pb.Arm_ARM_BEFORE: terms.Before, pb.Arm_ARM_AGAIN: terms.Again,
	}}
	classes = enum[pb.ResultClass, terms.Class]{"result class", map[pb.ResultClass]terms.Class{
		pb.ResultClass_RESULT_CLASS_OK:      terms.OK,
		pb.ResultClass_RESULT_CLASS_DENIED:  terms.Denied,
		pb.ResultClass_RESULT_CLASS_MISSING: terms.Missing,
		pb.ResultClass_RESULT_CLASS_OTHER:   terms.Other,
	}}
	effects = enum[pb.Effect, terms.Effect]{"effect", map[pb.Effect]terms.Effect{
		pb.Effect_EFFECT_SEEN:         terms.EffectSeen,
		pb.Effect_EFFECT_ABSENT:       terms.EffectAbsent,
		pb.Effect_EFFECT_UNOBSERVABLE: terms.EffectUnobservable,
	}}
	stages = enum[pb.Stage, terms.Stage]{"stage", map[pb.Stage]terms.Stage{
		pb.Stage_STAGE_PREPARE:   terms.StagePrepare,
		pb.Stage_STAGE_APPLY:     terms.StageApply,
		pb.Stage_STAGE_ACQUIRE:   terms.StageAcquire,
		pb.Stage_STAGE_OPERATION: terms.StageOperation,
		pb.Stage_STAGE_EFFECT:    terms.StageEffect,
		pb.Stage_STAGE_CLEANUP:   terms.StageCleanup,
	}}
	severities = enum[pb.Severity, Severity]{"severity", map[pb.Severity]Severity{
		pb.Severity_SEVERITY_WARNING: Warning, pb.Severity_SEVERITY_ERROR: Error,
	}}
	platforms = enum[pb.Platform, Platform]{"platform", map[pb.Platform]Platform{
		pb.Platform_PLATFORM_LINUX: Linux, pb.Platform_PLATFORM_MACOS: MacOS,
	}}
)
