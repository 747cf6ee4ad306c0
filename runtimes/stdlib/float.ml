(* Floating-point numbers. *)

type t = float

external neg : float -> float = "%negfloat"
external add : float -> float -> float = "%addfloat"
external sub : float -> float -> float = "%subfloat"
external mul : float -> float -> float = "%mulfloat"
external div : float -> float -> float = "%divfloat"
external fma : float -> float -> float -> float
  = "caml_fma_float" "caml_fma" [@@unboxed] [@@noalloc]
external rem : float -> float -> float
  = "caml_fmod_float" "fmod" [@@unboxed] [@@noalloc]
external abs : float -> float = "%absfloat"
external of_int : int -> float = "%floatofint"
external to_int : float -> int = "%intoffloat"
external of_string : string -> float = "caml_float_of_string"
type fpclass = Stdlib.fpclass =
  | FP_normal
  | FP_subnormal
  | FP_zero
  | FP_infinite
  | FP_nan

external classify_float : (float [@unboxed]) -> fpclass
  = "caml_classify_float" "caml_classify_float_unboxed" [@@noalloc]
external pow : float -> float -> float
  = "caml_power_float" "pow" [@@unboxed] [@@noalloc]
external sqrt : float -> float
  = "caml_sqrt_float" "sqrt" [@@unboxed] [@@noalloc]
external cbrt : float -> float
  = "caml_cbrt_float" "caml_cbrt" [@@unboxed] [@@noalloc]
external exp : float -> float = "caml_exp_float" "exp" [@@unboxed] [@@noalloc]
external exp2 : float -> float
  = "caml_exp2_float" "caml_exp2" [@@unboxed] [@@noalloc]
external log : float -> float = "caml_log_float" "log" [@@unboxed] [@@noalloc]
external log10 : float -> float
  = "caml_log10_float" "log10" [@@unboxed] [@@noalloc]
external log2 : float -> float
  = "caml_log2_float" "caml_log2" [@@unboxed] [@@noalloc]
external expm1 : float -> float
  = "caml_expm1_float" "caml_expm1" [@@unboxed] [@@noalloc]
external log1p : float -> float
  = "caml_log1p_float" "caml_log1p" [@@unboxed] [@@noalloc]
external cos : float -> float = "caml_cos_float" "cos" [@@unboxed] [@@noalloc]
external sin : float -> float = "caml_sin_float" "sin" [@@unboxed] [@@noalloc]
external tan : float -> float = "caml_tan_float" "tan" [@@unboxed] [@@noalloc]
external acos : float -> float
  = "caml_acos_float" "acos" [@@unboxed] [@@noalloc]
external asin : float -> float
  = "caml_asin_float" "asin" [@@unboxed] [@@noalloc]
external atan : float -> float
  = "caml_atan_float" "atan" [@@unboxed] [@@noalloc]
external atan2 : float -> float -> float
  = "caml_atan2_float" "atan2" [@@unboxed] [@@noalloc]
external hypot : float -> float -> float
  = "caml_hypot_float" "caml_hypot" [@@unboxed] [@@noalloc]
external cosh : float -> float
  = "caml_cosh_float" "cosh" [@@unboxed] [@@noalloc]
external sinh : float -> float
  = "caml_sinh_float" "sinh" [@@unboxed] [@@noalloc]
external tanh : float -> float
  = "caml_tanh_float" "tanh" [@@unboxed] [@@noalloc]
external acosh : float -> float
  = "caml_acosh_float" "caml_acosh" [@@unboxed] [@@noalloc]
external asinh : float -> float
  = "caml_asinh_float" "caml_asinh" [@@unboxed] [@@noalloc]
external atanh : float -> float
  = "caml_atanh_float" "caml_atanh" [@@unboxed] [@@noalloc]
external erf : float -> float
  = "caml_erf_float" "caml_erf" [@@unboxed] [@@noalloc]
external erfc : float -> float
  = "caml_erfc_float" "caml_erfc" [@@unboxed] [@@noalloc]
external trunc : float -> float
  = "caml_trunc_float" "caml_trunc" [@@unboxed] [@@noalloc]
external round : float -> float
  = "caml_round_float" "caml_round" [@@unboxed] [@@noalloc]
external ceil : float -> float
  = "caml_ceil_float" "ceil" [@@unboxed] [@@noalloc]
external floor : float -> float
  = "caml_floor_float" "floor" [@@unboxed] [@@noalloc]
external next_after : float -> float -> float
  = "caml_nextafter_float" "caml_nextafter" [@@unboxed] [@@noalloc]
external copy_sign : float -> float -> float
  = "caml_copysign_float" "caml_copysign" [@@unboxed] [@@noalloc]
external sign_bit : (float [@unboxed]) -> bool
  = "caml_signbit_float" "caml_signbit" [@@noalloc]
external frexp : float -> float * int = "caml_frexp_float"
external ldexp : (float [@unboxed]) -> (int [@untagged]) -> (float [@unboxed])
  = "caml_ldexp_float" "caml_ldexp_float_unboxed" [@@noalloc]
external modf : float -> float * float = "caml_modf_float"

external compare : float -> float -> int = "%compare"
external float_of_bits : int64 -> float
  = "caml_int64_float_of_bits" "caml_int64_float_of_bits_unboxed"
  [@@unboxed] [@@noalloc]

let zero = 0.
let one = 1.
let minus_one = -1.
let infinity = Stdlib.infinity
let neg_infinity = Stdlib.neg_infinity
let nan = Stdlib.nan
let quiet_nan = nan
let signaling_nan = float_of_bits 0x7FF0_0000_0000_0001L
let pi = 0x1.921fb54442d18p1
let max_float = Stdlib.max_float
let min_float = Stdlib.min_float
let epsilon = Stdlib.epsilon_float

let of_string_opt = Stdlib.float_of_string_opt
let to_string = Stdlib.string_of_float

(* The difference with itself is not a number for what is not finite. *)
let is_finite (x : float) = x -. x = 0.
let is_infinite (x : float) = 1. /. x = 0.
let is_nan (x : float) = x <> x
let is_integer x = is_finite x && trunc x = x

let succ x = next_after x infinity
let pred x = next_after x neg_infinity

let equal x y = compare x y = 0

(* Extrema, -0. being below 0.  Those of the first kind are nan if one number
   is, the others if both are. *)

let[@inline] below (x : float) y = x < y || sign_bit x && not (sign_bit y)

let[@inline] min (x : float) (y : float) =
  if below x y then (if is_nan y then y else x)
  else if is_nan x then x
  else y

let[@inline] max (x : float) (y : float) =
  if below x y then (if is_nan x then x else y)
  else if is_nan y then y
  else x

let[@inline] min_max (x : float) (y : float) =
  if is_nan x || is_nan y then (nan, nan)
  else if below x y then (x, y)
  else (y, x)

let[@inline] min_num (x : float) (y : float) =
  if below x y then (if is_nan x then y else x)
  else if is_nan y then x
  else y

let[@inline] max_num (x : float) (y : float) =
  if below x y then (if is_nan y then x else y)
  else if is_nan x then y
  else x

let[@inline] min_max_num (x : float) (y : float) =
  if is_nan x then (y, y)
  else if is_nan y then (x, x)
  else if below x y then (x, y)
  else (y, x)

external hash_param : int -> int -> int -> 'a -> int
  = "caml_hash" [@@noalloc]

let seeded_hash seed x = hash_param 10 100 seed x
let hash x = hash_param 10 100 0 x

(* Arrays of floats: the functions of [Stdlib.Array] written again, since those
   look at each access whether elements are floats. *)
module Array = struct
  type t = floatarray

  external length : t -> int = "%floatarray_length"
  external get : t -> int -> float = "%floatarray_safe_get"
  external set : t -> int -> float -> unit = "%floatarray_safe_set"
  external unsafe_get : t -> int -> float = "%floatarray_unsafe_get"
  external unsafe_set : t -> int -> float -> unit = "%floatarray_unsafe_set"
  external create : int -> t = "caml_floatarray_create"
  external make : (int [@untagged]) -> (float [@unboxed]) -> t
    = "caml_floatarray_make" "caml_floatarray_make_unboxed"
  external concat : t list -> t = "caml_floatarray_concat"
  external unsafe_sub : t -> int -> int -> t = "caml_floatarray_sub"
  external unsafe_append : t -> t -> t = "caml_floatarray_append"
  external unsafe_blit : t -> int -> t -> int -> int -> unit
    = "caml_floatarray_blit" [@@noalloc]
  external unsafe_fill :
    t -> (int [@untagged]) -> (int [@untagged]) -> (float [@unboxed]) -> unit
    = "caml_floatarray_fill" "caml_floatarray_fill_unboxed" [@@noalloc]

  (* Creation. *)

  let empty = create 0

  let init n f =
    if n < 0 then invalid_arg "Float.Array.init";
    let a = create n in
    for i = 0 to n - 1 do unsafe_set a i (f i) done;
    a

  let make_matrix rows columns x =
    if columns < 0 then invalid_arg "Float.Array.make_matrix";
    let m = Stdlib.Array.make rows empty in
    if columns > 0 then
      for i = 0 to rows - 1 do m.(i) <- make columns x done;
    m

  let init_matrix rows columns f =
    if columns < 0 then invalid_arg "Float.Array.init_matrix";
    let m = Stdlib.Array.make rows empty in
    if columns > 0 then
      for i = 0 to rows - 1 do
        let row = create columns in
        for j = 0 to columns - 1 do unsafe_set row j (f i j) done;
        m.(i) <- row
      done;
    m

  (* Segments. *)

  let copy a = if length a = 0 then empty else unsafe_sub a 0 (length a)

  let append a1 a2 =
    if length a1 = 0 then copy a2
    else if length a2 = 0 then copy a1
    else unsafe_append a1 a2

  let[@inline] check_segment a start n function_name =
    if n < 0 || start < 0 || start > length a - n
    then invalid_arg function_name

  let sub a start n =
    check_segment a start n "Float.Array.sub";
    unsafe_sub a start n

  (* Inlined, so that the number need not be boxed. *)
  let[@inline] fill a start n x =
    check_segment a start n "Float.Array.fill";
    unsafe_fill a start n x

  let blit src src_start dst dst_start n =
    check_segment src src_start n "Float.array.blit";
    check_segment dst dst_start n "Float.array.blit";
    unsafe_blit src src_start dst dst_start n

  (* Traversal. *)

  let iter f a =
    for i = 0 to length a - 1 do f (unsafe_get a i) done

  let iteri f a =
    for i = 0 to length a - 1 do f i (unsafe_get a i) done

  let map f a =
    let mapped = create (length a) in
    for i = 0 to length a - 1 do unsafe_set mapped i (f (unsafe_get a i)) done;
    mapped

  let mapi f a =
    let mapped = create (length a) in
    for i = 0 to length a - 1 do
      unsafe_set mapped i (f i (unsafe_get a i))
    done;
    mapped

  let map_inplace f a =
    for i = 0 to length a - 1 do unsafe_set a i (f (unsafe_get a i)) done

  let mapi_inplace f a =
    for i = 0 to length a - 1 do unsafe_set a i (f i (unsafe_get a i)) done

  let fold_left f init a =
    let acc = ref init in
    for i = 0 to length a - 1 do acc := f !acc (unsafe_get a i) done;
    !acc

  let fold_right f a init =
    let acc = ref init in
    for i = length a - 1 downto 0 do acc := f (unsafe_get a i) !acc done;
    !acc

  let iter2 f a b =
    if length a <> length b then
      invalid_arg "Float.Array.iter2: arrays must have the same length";
    for i = 0 to length a - 1 do f (unsafe_get a i) (unsafe_get b i) done

  let map2 f a b =
    if length a <> length b then
      invalid_arg "Float.Array.map2: arrays must have the same length";
    let mapped = create (length a) in
    for i = 0 to length a - 1 do
      unsafe_set mapped i (f (unsafe_get a i) (unsafe_get b i))
    done;
    mapped

  let map_to_array f a =
    let n = length a in
    if n = 0 then [||]
    else begin
      let mapped = Stdlib.Array.make n (f (unsafe_get a 0)) in
      for i = 1 to n - 1 do
        Stdlib.Array.unsafe_set mapped i (f (unsafe_get a i))
      done;
      mapped
    end

  let map_from_array f a =
    let n = Stdlib.Array.length a in
    let mapped = create n in
    for i = 0 to n - 1 do
      unsafe_set mapped i (f (Stdlib.Array.unsafe_get a i))
    done;
    mapped

  (* Searching, from index [i] on. *)

  let rec exists_from i p a =
    i < length a && (p (unsafe_get a i) || exists_from (i + 1) p a)

  let exists p a = exists_from 0 p a

  let rec for_all_from i p a =
    i >= length a || p (unsafe_get a i) && for_all_from (i + 1) p a

  let for_all p a = for_all_from 0 p a

  let rec mem_from i x a =
    i < length a && (equal (unsafe_get a i) x || mem_from (i + 1) x a)

  let mem x a = mem_from 0 x a

  let rec mem_ieee_from i (x : float) a =
    i < length a && (unsafe_get a i = x || mem_ieee_from (i + 1) x a)

  let mem_ieee x a = mem_ieee_from 0 x a

  let rec find_index_from i p a =
    if i >= length a then None
    else if p (unsafe_get a i) then Some i
    else find_index_from (i + 1) p a

  let find_index p a = find_index_from 0 p a

  let rec find_opt_from i p a =
    if i >= length a then None
    else
      let x = unsafe_get a i in
      if p x then Some x else find_opt_from (i + 1) p a

  let find_opt p a = find_opt_from 0 p a

  let rec find_mapi_from i f a =
    if i >= length a then None
    else match f i (unsafe_get a i) with
      | None -> find_mapi_from (i + 1) f a
      | Some _ as found -> found

  let find_mapi f a = find_mapi_from 0 f a
  let find_map f a = find_mapi_from 0 (fun _ x -> f x) a

  (* Comparison: lengths first. *)

  let rec equal_from i eq a b =
    i >= length a
    || eq (unsafe_get a i) (unsafe_get b i) && equal_from (i + 1) eq a b

  let equal eq a b = length a = length b && equal_from 0 eq a b

  let rec compare_from i cmp a b =
    if i >= length a then 0
    else
      let c = cmp (unsafe_get a i) (unsafe_get b i) in
      if c <> 0 then c else compare_from (i + 1) cmp a b

  let compare cmp a b =
    let c = Int.compare (length a) (length b) in
    if c <> 0 then c else compare_from 0 cmp a b

  (* Sorting: see [Stdlib.Array]. *)

  let greatest_child cmp a n i =
    let child = 3 * i + 1 in
    if child + 2 < n then begin
      let best =
        if cmp (unsafe_get a child) (unsafe_get a (child + 1)) < 0
        then child + 1 else child in
      if cmp (unsafe_get a best) (unsafe_get a (child + 2)) < 0
      then child + 2 else best
    end
    else if child + 1 < n
         && cmp (unsafe_get a child) (unsafe_get a (child + 1)) < 0
    then child + 1
    else if child < n then child
    else -1

  let rec sift_down cmp a n i x =
    let child = greatest_child cmp a n i in
    if child >= 0 && cmp (unsafe_get a child) x > 0 then begin
      unsafe_set a i (unsafe_get a child);
      sift_down cmp a n child x
    end
    else unsafe_set a i x

  let rec free_leaf cmp a n i =
    let child = greatest_child cmp a n i in
    if child < 0 then i
    else begin
      unsafe_set a i (unsafe_get a child);
      free_leaf cmp a n child
    end

  let rec sift_up cmp a i x =
    if i = 0 then unsafe_set a 0 x
    else
      let parent = (i - 1) / 3 in
      if cmp (unsafe_get a parent) x < 0 then begin
        unsafe_set a i (unsafe_get a parent);
        sift_up cmp a parent x
      end
      else unsafe_set a i x

  let sort cmp a =
    let n = length a in
    for i = (n + 1) / 3 - 1 downto 0 do
      sift_down cmp a n i (unsafe_get a i)
    done;
    for i = n - 1 downto 2 do
      let x = unsafe_get a i in
      unsafe_set a i (unsafe_get a 0);
      sift_up cmp a (free_leaf cmp a i 0) x
    done;
    if n > 1 then begin
      let x = unsafe_get a 1 in
      unsafe_set a 1 (unsafe_get a 0);
      unsafe_set a 0 x
    end

  let insertion_limit = 5

  let insertion_sort cmp src src_start dst dst_start n =
    for i = 0 to n - 1 do
      let x = unsafe_get src (src_start + i) in
      let j = ref (dst_start + i - 1) in
      while !j >= dst_start && cmp (unsafe_get dst !j) x > 0 do
        unsafe_set dst (!j + 1) (unsafe_get dst !j);
        decr j
      done;
      unsafe_set dst (!j + 1) x
    done

  let rec merge cmp a i i_end x b j j_end y dst d =
    if cmp x y <= 0 then begin
      unsafe_set dst d x;
      let i = i + 1 in
      if i < i_end then
        merge cmp a i i_end (unsafe_get a i) b j j_end y dst (d + 1)
      else unsafe_blit b j dst (d + 1) (j_end - j)
    end
    else begin
      unsafe_set dst d y;
      let j = j + 1 in
      if j < j_end then
        merge cmp a i i_end x b j j_end (unsafe_get b j) dst (d + 1)
      else unsafe_blit a i dst (d + 1) (i_end - i)
    end

  let rec sort_into cmp src s dst d n =
    if n <= insertion_limit then insertion_sort cmp src s dst d n
    else begin
      let first = n / 2 in
      let second = n - first in
      sort_into cmp src (s + first) dst (d + first) second;
      sort_into cmp src s src (s + second) first;
      merge cmp
        src (s + second) (s + n) (unsafe_get src (s + second))
        dst (d + first) (d + n) (unsafe_get dst (d + first))
        dst d
    end

  let stable_sort cmp a =
    let n = length a in
    if n <= insertion_limit then insertion_sort cmp a 0 a 0 n
    else begin
      let first = n / 2 in
      let second = n - first in
      let scratch = create second in
      sort_into cmp a first scratch 0 second;
      sort_into cmp a 0 a second first;
      merge cmp
        a second n (unsafe_get a second)
        scratch 0 second (unsafe_get scratch 0)
        a 0
    end

  let fast_sort = stable_sort

  let shuffle ~rand a =
    for i = length a - 1 downto 1 do
      let j = rand (i + 1) in
      let x = unsafe_get a i in
      unsafe_set a i (get a j);
      unsafe_set a j x
    done

  (* Lists and sequences. *)

  let rec list_of_prefix a i rest =
    if i < 0 then rest else list_of_prefix a (i - 1) (unsafe_get a i :: rest)

  let to_list a = list_of_prefix a (length a - 1) []

  let rec fill_from a i step = function
    | [] -> a
    | x :: rest ->
      unsafe_set a i x;
      fill_from a (i + step) step rest

  let of_list l = fill_from (create (List.length l)) 0 1 l

  let of_rev_list l =
    let n = List.length l in
    fill_from (create n) (n - 1) (-1) l

  let rec seq_from a i () =
    if i >= length a then Seq.Nil
    else Seq.Cons (unsafe_get a i, seq_from a (i + 1))

  let to_seq a = seq_from a 0

  let rec seqi_from a i () =
    if i >= length a then Seq.Nil
    else Seq.Cons ((i, unsafe_get a i), seqi_from a (i + 1))

  let to_seqi a = seqi_from a 0

  let of_seq xs = of_rev_list (Seq.fold_left (fun l x -> x :: l) [] xs)
end

(* By the labels of the interface alone. *)
module ArrayLabels = Array
