(** Control and statistics of memory management. Sizes are in words. *)

(** Statistics: what was allocated, what is in the heap, and how often it was
    collected. *)
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

(** Parameters. Those of former collectors remain, without effect. *)
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

(** Statistics: what was allocated, what is in the heap, and how often it was
    collected. *)
external stat : unit -> stat = "caml_gc_stat"

(** The same without traversal of the heap. *)
external quick_stat : unit -> stat = "caml_gc_quick_stat"

(** Words allocated in the minor heap, promoted, allocated in the major heap. *)
external counters : unit -> float * float * float = "caml_gc_counters"

(** Words allocated in the minor heap. Since 4.04. *)
external minor_words : unit -> (float [@unboxed])
    = "caml_gc_minor_words" "caml_gc_minor_words_unboxed"

(** The parameters. *)
external get : unit -> control = "caml_gc_get"
  [@@alert unsynchronized_access "GC parameters are a mutable global state."]

(** Change the parameters. *)
external set : control -> unit = "caml_gc_set"
  [@@alert unsynchronized_access "GC parameters are a mutable global state."]

(** A minor collection. *)
external minor : unit -> unit = "caml_gc_minor"

(** A minor collection and a slice of a major one. *)
external major_slice : int -> int = "caml_gc_major_slice"

(** Finish the current major collection. *)
external major : unit -> unit = "caml_gc_major"

(** Collect all that can be, running finalisers. *)
external full_major : unit -> unit = "caml_gc_full_major"

(** {!full_major}, then reduce the heap. *)
external compact : unit -> unit = "caml_gc_compaction"

(** Print the statistics. *)
val print_stat : out_channel -> unit

(** Bytes allocated by the current domain. *)
val allocated_bytes : unit -> float

(** Free words of the minor heap. Since 4.03. *)
external get_minor_free : unit -> int = "caml_get_minor_free"

(** [finalise f v]: call [f v] once [v], a heap block, is about to be
    unreachable; [f] may make it reachable again. Raises [Invalid_argument]
    for what is not in the heap. *)
val finalise : ('a -> unit) -> 'a -> unit

(** The same, but [f ()] is called when it is unreachable for the last time.
    Since 4.04. *)
val finalise_last : (unit -> unit) -> 'a -> unit

(** In a finaliser: let others run. *)
val finalise_release : unit -> unit

(** A function called at the end of each major cycle. *)
type alarm

(** A new alarm, until the end of the domain. *)
val create_alarm : (unit -> unit) -> alarm

(** End it. *)
val delete_alarm : alarm -> unit

(** These do nothing. *)
val eventlog_pause : unit -> unit
  [@@ocaml.deprecated "Use Runtime_events.pause instead."]
val eventlog_resume : unit -> unit
  [@@ocaml.deprecated "Use Runtime_events.resume instead."]

(** Sampling of allocations. Since 4.11; in OCaml 5, since 5.3. *)
module Memprof :
  sig
    type t

    type allocation_source = Normal | Marshal | Custom | Map_file
    val string_of_allocation_source : allocation_source -> string

    type allocation = private
      { n_samples : int;
        size : int;
        source : allocation_source;
        callstack : Printexc.raw_backtrace
      }

    (** What is called at the events of a sampled block; [None] ends its
        tracking. *)
    type ('minor, 'major) tracker = {
      alloc_minor: allocation -> 'minor option;
      alloc_major: allocation -> 'major option;
      promote: 'minor -> 'major option;
      dealloc_minor: 'minor -> unit;
      dealloc_major: 'major -> unit;
    }
    val null_tracker : ('minor, 'major) tracker

    (** Start a profile, each word being sampled with a probability. *)
    val start : sampling_rate:float -> ?callstack_size:int ->
        ('minor, 'major) tracker -> t

    (** Stop sampling; blocks are tracked still. *)
    val stop : unit -> unit

    (** Stop tracking. *)
    val discard : t -> unit
end

(** Work of the collector put off. Since 5.4. *)
type suspended_collection_work

(** Apply a function that builds up the heap, during which the collector does
    less. Since 5.4. *)
external ramp_up : (unit -> 'a) -> 'a * suspended_collection_work
    = "caml_ml_gc_ramp_up"

(** Have the collector do the work put off. Since 5.4. *)
external ramp_down : suspended_collection_work -> unit = "caml_ml_gc_ramp_down"
