(* Complex numbers. *)

type t = { re : float; im : float }

let zero = { re = 0.; im = 0. }
let one = { re = 1.; im = 0. }
let i = { re = 0.; im = 1. }

let neg z = { re = -. z.re; im = -. z.im }
let conj z = { z with im = -. z.im }
let add z w = { re = z.re +. w.re; im = z.im +. w.im }
let sub z w = { re = z.re -. w.re; im = z.im -. w.im }

let mul z w =
  { re = z.re *. w.re -. z.im *. w.im; im = z.re *. w.im +. z.im *. w.re }

(* Division by the algorithm of Smith: the ratio of the parts of the divisor,
   the lesser by the greater, avoids overflows of its square. *)
let div z w =
  if abs_float w.re >= abs_float w.im then
    let ratio = w.im /. w.re in
    let divisor = w.re +. ratio *. w.im in
    { re = (z.re +. ratio *. z.im) /. divisor;
      im = (z.im -. ratio *. z.re) /. divisor }
  else
    let ratio = w.re /. w.im in
    let divisor = w.im +. ratio *. w.re in
    { re = (ratio *. z.re +. z.im) /. divisor;
      im = (ratio *. z.im -. z.re) /. divisor }

let inv z = div one z

let norm2 z = z.re *. z.re +. z.im *. z.im
let norm z = Float.hypot z.re z.im
let arg z = atan2 z.im z.re
let polar norm arg = { re = cos arg *. norm; im = sin arg *. norm }

(* The greater part of the root comes from the norm, computed as in [div]
   without overflow, the other one from its product with the first. *)
let sqrt z =
  if z.re = 0. && z.im = 0. then zero
  else
    let re = abs_float z.re and im = abs_float z.im in
    let greater =
      if re >= im then
        let ratio = im /. re in
        sqrt re *. sqrt (0.5 *. (1. +. sqrt (1. +. ratio *. ratio)))
      else
        let ratio = re /. im in
        sqrt im *. sqrt (0.5 *. (ratio +. sqrt (1. +. ratio *. ratio)))
    in
    if z.re >= 0. then { re = greater; im = 0.5 *. z.im /. greater }
    else
      { re = 0.5 *. im /. greater;
        im = (if z.im >= 0. then greater else -. greater) }

let exp z =
  let norm = exp z.re in
  { re = norm *. cos z.im; im = norm *. sin z.im }

let log z = { re = log (norm z); im = arg z }
let pow z w = exp (mul w (log z))
