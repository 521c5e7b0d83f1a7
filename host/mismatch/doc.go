// Package mismatch compares what a plan expected with what the lanes show, and
// writes down every difference as a packet: one for each expectation not met
// and one for each calibrated oracle that contradicts a decision.
//
// The package is pure. It reads rows of the lanes and never changes one; a
// packet quotes them whole, so that it can be judged by itself.
package mismatch
