(* [Array] with labels: the implementation is compiled with [-nolabels]. *)

include Array
