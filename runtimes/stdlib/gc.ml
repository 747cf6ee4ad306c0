(* Control of the garbage collector. *)

type stat =
  { minor_words : float;
    promoted_words : float;
    major_words : float;
    minor_collections : int;
    major_collections : int;
    heap_words : int;
    heap_chunks : int;
    live_words : int;
    live_blocks : int;
    free_words : int;
    free_blocks : int;
    largest_free : int;
    fragments : int;
    compactions : int;
    top_heap_words : int;
    stack_size: int;
    forced_major_collections: int;
}

type control =
  { minor_heap_size : int;
    major_heap_increment : int;
    space_overhead : int;
    verbose : int;
    max_overhead : int;
    stack_limit : int;
    allocation_policy : int;
    window_size : int;
    custom_major_ratio : int;
    custom_minor_ratio : int;
    custom_minor_max_size : int;
  }

external stat : unit -> stat = "caml_gc_stat"
external quick_stat : unit -> stat = "caml_gc_quick_stat"
external counters : unit -> float * float * float = "caml_gc_counters"
external minor_words : unit -> (float [@unboxed])
  = "caml_gc_minor_words" "caml_gc_minor_words_unboxed"
external get : unit -> control = "caml_gc_get"
external set : control -> unit = "caml_gc_set"
external minor : unit -> unit = "caml_gc_minor"
external major_slice : int -> int = "caml_gc_major_slice"
external major : unit -> unit = "caml_gc_major"
external full_major : unit -> unit = "caml_gc_full_major"
external compact : unit -> unit = "caml_gc_compaction"
external get_minor_free : unit -> int = "caml_get_minor_free"

let allocated_bytes () =
  let minor, promoted, major = counters () in
  (minor +. major -. promoted) *. float_of_int (Sys.word_size / 8)

(* Columns are aligned within each group. *)
let print_stat oc =
  let { minor_collections; major_collections; compactions;
        forced_major_collections; minor_words; promoted_words; major_words;
        top_heap_words; heap_words; live_words; free_words; largest_free;
        fragments; live_blocks; free_blocks; heap_chunks; _ } = stat () in
  let line format = Printf.fprintf oc format in
  line "minor_collections:      %d\n" minor_collections;
  line "major_collections:      %d\n" major_collections;
  line "compactions:            %d\n" compactions;
  line "forced_major_collections: %d\n\n" forced_major_collections;
  let width = String.length (Printf.sprintf "%.0f" minor_words) in
  line "minor_words:    %*.0f\n" width minor_words;
  line "promoted_words: %*.0f\n" width promoted_words;
  line "major_words:    %*.0f\n\n" width major_words;
  let width = String.length (string_of_int top_heap_words) in
  line "top_heap_words: %*d\n" width top_heap_words;
  line "heap_words:     %*d\n" width heap_words;
  line "live_words:     %*d\n" width live_words;
  line "free_words:     %*d\n" width free_words;
  line "largest_free:   %*d\n" width largest_free;
  line "fragments:      %*d\n\n" width fragments;
  line "live_blocks: %d\n" live_blocks;
  line "free_blocks: %d\n" free_blocks;
  line "heap_chunks: %d\n" heap_chunks

(* Finalisers and alarms *)

external finalise : ('a -> unit) -> 'a -> unit = "caml_final_register"
external finalise_last : (unit -> unit) -> 'a -> unit
  = "caml_final_register_called_without_value"
external finalise_release : unit -> unit = "caml_final_release"

(* An alarm is a block that nothing refers to: its finaliser runs at the end
   of each major cycle, and registers it again. *)

type alarm = bool Atomic.t

type armed = { active : alarm; action : unit -> unit }

let rec ring armed =
  if Atomic.get armed.active then
    Fun.protect ~finally:(fun () -> finalise ring armed) armed.action

let delete_alarm alarm = Atomic.set alarm false

(* Not inlined, so that the block is not allocated statically: it could not
   have a finaliser. *)
let[@inline never] create_alarm action =
  let active = Atomic.make true in
  Domain.at_exit (fun () -> delete_alarm active);
  finalise ring { active; action };
  active

let eventlog_pause () = ()
let eventlog_resume () = ()

module Memprof = struct
  type t

  type allocation_source = Normal | Marshal | Custom | Map_file

  let string_of_allocation_source = function
    | Normal -> "Normal"
    | Marshal -> "Marshal"
    | Custom -> "Custom"
    | Map_file -> "Map_file"

  type allocation =
    { n_samples : int;
      size : int;
      source : allocation_source;
      callstack : Printexc.raw_backtrace
    }

  type ('minor, 'major) tracker = {
    alloc_minor: allocation -> 'minor option;
    alloc_major: allocation -> 'major option;
    promote: 'minor -> 'major option;
    dealloc_minor: 'minor -> unit;
    dealloc_major: 'major -> unit;
  }

  let null_tracker = {
    alloc_minor = (fun _ -> None);
    alloc_major = (fun _ -> None);
    promote = (fun _ -> None);
    dealloc_minor = ignore;
    dealloc_major = ignore;
  }

  external start_raw : float -> int -> ('minor, 'major) tracker -> t
    = "caml_memprof_start"

  let start ~sampling_rate ?(callstack_size = max_int) tracker =
    start_raw sampling_rate callstack_size tracker

  external stop : unit -> unit = "caml_memprof_stop"
  external discard : t -> unit = "caml_memprof_discard"
end

type suspended_collection_work = int

external ramp_up : (unit -> 'a) -> 'a * suspended_collection_work
  = "caml_ml_gc_ramp_up"
external ramp_down : suspended_collection_work -> unit
  = "caml_ml_gc_ramp_down"
