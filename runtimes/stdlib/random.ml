(* Pseudo-random numbers, by the generator LXM (Steele and Vigna, 2021): a
   linear congruential generator and a xor-shift-rotate one, whose outputs are
   mixed.  The step is a primitive. *)

external system_seed : unit -> int array = "caml_sys_random_seed"

module State = struct
  open Bigarray

  (* The addend of the congruential generator, which is odd, its state, and
     the two words of the other, which are not both zero. *)
  type t = (int64, int64_elt, c_layout) Array1.t

  external next : t -> (int64 [@unboxed])
    = "caml_lxm_next" "caml_lxm_next_unboxed" [@@noalloc]

  let create () : t = Array1.create Int64 C_layout 4

  let set (s : t) word0 word1 word2 word3 =
    let nonzero word replacement = if word = 0L then replacement else word in
    Array1.unsafe_set s 0 (Int64.logor word0 1L);
    Array1.unsafe_set s 1 word1;
    Array1.unsafe_set s 2 (nonzero word2 1L);
    Array1.unsafe_set s 3 (nonzero word3 2L)

  let of_words word0 word1 word2 word3 =
    let s = create () in
    set s word0 word1 word2 word3;
    s

  let assign (dst : t) (src : t) = Array1.blit src dst

  let copy s =
    let copied = create () in
    assign copied s;
    copied

  (* Seeds of any length become 256 bits: the digests of their bytes followed
     by one and by two. *)
  let reinit s seed =
    let n = Array.length seed in
    let bytes = Bytes.create (8 * n + 1) in
    Array.iteri
      (fun i word -> Bytes.set_int64_le bytes (8 * i) (Int64.of_int word))
      seed;
    let digest_with last =
      Bytes.set bytes (8 * n) last;
      Digest.bytes bytes
    in
    let digest1 = digest_with '\001' in
    let digest2 = digest_with '\002' in
    set s
      (String.get_int64_le digest1 0) (String.get_int64_le digest1 8)
      (String.get_int64_le digest2 0) (String.get_int64_le digest2 8)

  let make seed =
    let s = create () in
    reinit s seed;
    s

  let make_self_init () = make (system_seed ())

  let split s =
    let word0 = next s in
    let word1 = next s in
    let word2 = next s in
    let word3 = next s in
    of_words word0 word1 word2 word3

  (* Serialization: the algorithm with the version of the format, then the
     four words. *)

  let prefix = "lxm1:"
  let word_offset i = String.length prefix + 8 * i
  let serialized_length = word_offset 4

  let to_binary_string s =
    let bytes = Bytes.create serialized_length in
    Bytes.blit_string prefix 0 bytes 0 (String.length prefix);
    for i = 0 to 3 do
      Bytes.set_int64_le bytes (word_offset i) (Array1.get s i)
    done;
    Bytes.unsafe_to_string bytes

  let of_binary_string serialized =
    if String.length serialized <> serialized_length
       || not (String.starts_with ~prefix serialized)
    then
      failwith
        ("Random.State.of_binary_string: expected a format compatible with \
          OCaml " ^ Sys.ocaml_version);
    let word i = String.get_int64_le serialized (word_offset i) in
    of_words (word 0) (word 1) (word 2) (word 3)

  (* Integers.  The same are drawn on all systems whose integers can hold the
     bounds: of 31 bits (32-bit systems), of 32 (JavaScript), or of all. *)

  let max_int31 = 1 lsl 30 - 1
  let min_int31 = -max_int31 - 1
  let max_int32 = 1 lsl 31 - 1
  let min_int32 = -max_int32 - 1

  let bits s = Int64.to_int (next s) land max_int31

  (* Uniform below [bound].  Numbers up to [mask], all of whose bits are set,
     are drawn, but those are rejected that belong to an incomplete last
     interval of [bound] numbers. *)
  let rec below s bound mask =
    let drawn = Int64.to_int (next s) land mask in
    let result = drawn mod bound in
    if drawn - result > mask - bound + 1 then below s bound mask else result

  let int s bound =
    if bound <= 0 || bound > max_int31 then invalid_arg "Random.int"
    else below s bound max_int31

  let full_int s bound =
    if bound <= 0 then invalid_arg "Random.full_int"
    else if bound <= max_int31 then below s bound max_int31
    else if bound <= max_int32 then below s bound max_int32
    else below s bound max_int

  (* Uniform between bounds that are far apart among the signed integers of
     [size] bits: those outside are rejected. *)
  let rec between_far s ~min ~max ~size =
    let unused = Sys.int_size - size in
    let drawn = (Int64.to_int (next s) lsl unused) asr unused in
    if drawn < min || drawn > max then between_far s ~min ~max ~size
    else drawn

  let between s ~min ~max ~mask ~size =
    let count = max - min + 1 in
    (* Not positive when it overflows. *)
    if 0 < count && count <= mask then min + below s count mask
    else between_far s ~min ~max ~size

  let int_in_range s ~min ~max =
    if min > max then invalid_arg "Random.int_in_range";
    if min_int31 <= min && max <= max_int31
    then between s ~min ~max ~mask:max_int31 ~size:31
    else if min_int32 <= min && max <= max_int32
    then between s ~min ~max ~mask:max_int32 ~size:32
    else between s ~min ~max ~mask:max_int ~size:Sys.int_size

  (* The same for boxed integers. *)

  let bits32 s = Int64.to_int32 (next s)
  let bits64 s = next s

  let rec below32 s bound =
    let drawn = Int32.shift_right_logical (bits32 s) 1 in
    let result = Int32.rem drawn bound in
    let last = Int32.add (Int32.sub Int32.max_int bound) 1l in
    if Int32.sub drawn result > last then below32 s bound else result

  let int32 s bound =
    if bound <= 0l then invalid_arg "Random.int32" else below32 s bound

  let rec between_far32 s ~min ~max =
    let drawn = bits32 s in
    if drawn < min || drawn > max then between_far32 s ~min ~max else drawn

  let int32_in_range s ~min ~max =
    if min > max then invalid_arg "Random.int32_in_range";
    let count = Int32.succ (Int32.sub max min) in
    if count > 0l then Int32.add min (below32 s count)
    else between_far32 s ~min ~max

  let rec below64 s bound =
    let drawn = Int64.shift_right_logical (next s) 1 in
    let result = Int64.rem drawn bound in
    let last = Int64.add (Int64.sub Int64.max_int bound) 1L in
    if Int64.sub drawn result > last then below64 s bound else result

  let int64 s bound =
    if bound <= 0L then invalid_arg "Random.int64" else below64 s bound

  let rec between_far64 s ~min ~max =
    let drawn = next s in
    if drawn < min || drawn > max then between_far64 s ~min ~max else drawn

  let int64_in_range s ~min ~max =
    if min > max then invalid_arg "Random.int64_in_range";
    let count = Int64.succ (Int64.sub max min) in
    if count > 0L then Int64.add min (below64 s count)
    else between_far64 s ~min ~max

  let nativebits s =
    if Nativeint.size = 32 then Nativeint.of_int32 (bits32 s)
    else Int64.to_nativeint (next s)

  let nativeint s bound =
    if Nativeint.size = 32
    then Nativeint.of_int32 (int32 s (Nativeint.to_int32 bound))
    else Int64.to_nativeint (int64 s (Int64.of_nativeint bound))

  let nativeint_in_range s ~min ~max =
    if Nativeint.size = 32 then
      let min = Nativeint.to_int32 min and max = Nativeint.to_int32 max in
      Nativeint.of_int32 (int32_in_range s ~min ~max)
    else
      let min = Int64.of_nativeint min and max = Int64.of_nativeint max in
      Int64.to_nativeint (int64_in_range s ~min ~max)

  (* The multiples of 2{^-53} between 0 and 1, both excluded. *)
  let rec unit_float s =
    let drawn = Int64.shift_right_logical (next s) 11 in
    if drawn = 0L then unit_float s else Int64.to_float drawn *. 0x1p-53

  let float s bound = unit_float s *. bound
  let bool s = next s < 0L
end

(* The generator of each domain, split off that of its parent. *)

(* [State.make [| 314159265 |]]. *)
let default_state () =
  State.of_words
    (-6196874289567705097L) 586573249833713189L
    (-8591268803865043407L) 6388613595849772044L

let key = Domain.DLS.new_key ~split_from_parent:State.split default_state
let[@inline] state () = Domain.DLS.get key

let full_init seed = State.reinit (state ()) seed
let init seed = full_init [| seed |]
let self_init () = full_init (system_seed ())

let bits () = State.bits (state ())
let int bound = State.int (state ()) bound
let full_int bound = State.full_int (state ()) bound
let int_in_range ~min ~max = State.int_in_range (state ()) ~min ~max
let int32 bound = State.int32 (state ()) bound
let int32_in_range ~min ~max = State.int32_in_range (state ()) ~min ~max
let nativeint bound = State.nativeint (state ()) bound
let nativeint_in_range ~min ~max = State.nativeint_in_range (state ()) ~min ~max
let int64 bound = State.int64 (state ()) bound
let int64_in_range ~min ~max = State.int64_in_range (state ()) ~min ~max
let float bound = State.float (state ()) bound
let bool () = State.bool (state ())
let bits32 () = State.bits32 (state ())
let bits64 () = State.bits64 (state ())
let nativebits () = State.nativebits (state ())

let get_state () = State.copy (state ())
let set_state s = State.assign (state ()) s
let split () = State.split (state ())
