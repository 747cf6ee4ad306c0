(* [Bytes] with labels: the implementation is compiled with [-nolabels]. *)

include Bytes
