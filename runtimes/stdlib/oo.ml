(* What programs may use of the representation of objects. *)

external id : < .. > -> int = "%field1"

let copy = CamlinternalOO.copy
let public_method_label = CamlinternalOO.public_method_label
let new_method = public_method_label
