(* Formatted output: the instances of [CamlinternalFormat.make_printf]. *)

open CamlinternalFormatBasics
open CamlinternalFormat

let kfprintf k oc (Format (fmt, _)) =
  make_printf (fun acc -> output_acc oc acc; k oc) End_of_acc fmt

let kbprintf k b (Format (fmt, _)) =
  make_printf (fun acc -> bufput_acc b acc; k b) End_of_acc fmt

let ikfprintf k x (Format (fmt, _)) = make_iprintf k x fmt
let ikbprintf k b format = ikfprintf k b format

let ksprintf k (Format (fmt, _)) =
  let finish acc =
    let b = Buffer.create 64 in
    strput_acc b acc;
    k (Buffer.contents b)
  in
  make_printf finish End_of_acc fmt

let kprintf = ksprintf

let fprintf oc format = kfprintf ignore oc format
let bprintf b format = kbprintf ignore b format
let ifprintf x format = ikfprintf ignore x format
let ibprintf b format = ikfprintf ignore b format
let printf format = fprintf stdout format
let eprintf format = fprintf stderr format
let sprintf format = ksprintf (fun s -> s) format
