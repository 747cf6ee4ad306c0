(* [String] with labels: the implementation is compiled with [-nolabels]. *)

include String
