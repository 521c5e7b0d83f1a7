// Package diff compares the evidence of two bundles: which expectations were
// added, removed or came out another way, which are unstable, and which facts of
// the world differ.
//
// [Load] reads a bundle; everything else is pure. What is compared of an
// expectation is what a person would call its outcome: the decision and why, the
// call's result and effect, the baseline, the prediction. That another rule came
// to the same decision is told, and is no difference: it explains nothing that
// happened. Values that were read, times and process numbers are not compared:
// they differ between any two runs.
package diff
