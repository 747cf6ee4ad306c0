(* The run-time representation of values. *)

type t
type raw_data = nativeint

external repr : 'a -> t = "%identity"
external obj : t -> 'a = "%identity"
external magic : 'a -> 'b = "%identity"
external is_int : t -> bool = "%obj_is_int"
external tag : t -> int = "caml_obj_tag" [@@noalloc]
external size : t -> int = "%obj_size"
external reachable_words : t -> int = "caml_obj_reachable_words"
external field : t -> int -> t = "%obj_field"
external set_field : t -> int -> t -> unit = "%obj_set_field"
external get_float : t -> int -> float = "caml_floatarray_get"
external set_float : t -> int -> float -> unit = "caml_floatarray_set"
external raw_field : t -> int -> raw_data = "caml_obj_raw_field"
external set_raw_field : t -> int -> raw_data -> unit
  = "caml_obj_set_raw_field"
external new_block : int -> int -> t = "caml_obj_block"
external dup : t -> t = "caml_obj_dup"
external add_offset : t -> Int32.t -> t = "caml_obj_add_offset"
external with_tag : int -> t -> t = "caml_obj_with_tag"

let[@inline always] is_block v = not (is_int v)
let[@inline always] double_field v i = get_float v i
let[@inline always] set_double_field v i x = set_float v i x

let first_non_constant_constructor_tag = 0
let last_non_constant_constructor_tag = 243

let forcing_tag = 244
let cont_tag = 245
let lazy_tag = 246
let closure_tag = 247
let object_tag = 248
let infix_tag = 249
let forward_tag = 250
let abstract_tag = 251
let no_scan_tag = 251
let string_tag = 252
let double_tag = 253
let double_array_tag = 254
let custom_tag = 255

(* Answers of [tag] for what has no header. *)
let int_tag = 1000
let out_of_heap_tag = 1001
let unaligned_tag = 1002

module Extension_constructor = struct
  type t = extension_constructor

  let has_tag wanted v = is_block v && tag v = wanted

  (* A constructor is an object block [name, id].  A constant one is its own
     value; another is the first field of the blocks it builds. *)
  let of_val v =
    let v = repr v in
    let slot =
      if is_block v && tag v <> object_tag && size v > 0 then field v 0 else v
    in
    if has_tag object_tag slot && has_tag string_tag (field slot 0) then
      (obj slot : t)
    else invalid_arg "Obj.extension_constructor"

  let[@inline always] name (slot : t) : string = obj (field (repr slot) 0)
  let[@inline always] id (slot : t) : int = obj (field (repr slot) 1)
end

module Ephemeron = struct
  type obj_t = t
  type t

  (* Two words come before the keys: the runtime's list link and the data. *)
  let header_words = 2
  let max_ephe_length = Sys.max_array_length - header_words

  module Raw = struct
    external create : int -> t = "caml_ephe_create"
    external get_key : t -> int -> obj_t option = "caml_ephe_get_key"
    external get_key_copy : t -> int -> obj_t option
      = "caml_ephe_get_key_copy"
    external set_key : t -> int -> obj_t -> unit = "caml_ephe_set_key"
    external unset_key : t -> int -> unit = "caml_ephe_unset_key"
    external check_key : t -> int -> bool = "caml_ephe_check_key"
    external blit_key : t -> int -> t -> int -> int -> unit
      = "caml_ephe_blit_key"
  end

  external get_data : t -> obj_t option = "caml_ephe_get_data"
  external get_data_copy : t -> obj_t option = "caml_ephe_get_data_copy"
  external set_data : t -> obj_t -> unit = "caml_ephe_set_data"
  external unset_data : t -> unit = "caml_ephe_unset_data"
  external check_data : t -> bool = "caml_ephe_check_data"
  external blit_data : t -> t -> unit = "caml_ephe_blit_data"

  let length e = size (repr e) - header_words

  let create n =
    if n < 0 || n > max_ephe_length then invalid_arg "Obj.Ephemeron.create";
    Raw.create n

  let check_index e i caller =
    if i < 0 || i >= length e then invalid_arg caller

  let get_key e i =
    check_index e i "Obj.Ephemeron.get_key";
    Raw.get_key e i

  let get_key_copy e i =
    check_index e i "Obj.Ephemeron.get_key_copy";
    Raw.get_key_copy e i

  let set_key e i v =
    check_index e i "Obj.Ephemeron.set_key";
    Raw.set_key e i v

  let unset_key e i =
    check_index e i "Obj.Ephemeron.unset_key";
    Raw.unset_key e i

  let check_key e i =
    check_index e i "Obj.Ephemeron.check_key";
    Raw.check_key e i

  let blit_key src i dst j len =
    let outside e ofs = ofs < 0 || ofs > length e - len in
    if len < 0 || outside src i || outside dst j then
      invalid_arg "Obj.Ephemeron.blit_key";
    if len > 0 then Raw.blit_key src i dst j len
end
