(** The labelled modules under their usual names, to be opened. *)

module Array = Stdlib__ArrayLabels

module Bytes = Stdlib__BytesLabels

module List = Stdlib__ListLabels

module String = Stdlib__StringLabels
