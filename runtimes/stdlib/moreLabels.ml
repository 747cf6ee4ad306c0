(* Containers with labels: the implementation is compiled with [-nolabels]. *)

module Hashtbl = Hashtbl
module Map = Map
module Set = Set
