(** The labelled modules under their usual names, to be opened. *)

module Array = ArrayLabels

module Bytes = BytesLabels

module List = ListLabels

module String = StringLabels
