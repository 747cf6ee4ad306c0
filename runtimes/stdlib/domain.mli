(** Domains: units of parallel execution. Since 5.0. *)

[@@@alert unstable
    "The Domain interface may change in incompatible ways in the future."
]

(** A domain whose result is an ['a]. *)
type !'a t

(** Run a function in a new domain. Raises [Failure] if there are too many. *)
val spawn : (unit -> 'a) -> 'a t

(** Wait for the end of a domain, and return its result or raise its
    exception. *)
val join : 'a t -> 'a

(** Domains' numbers, never used twice. *)
type id = private int

(** The number of a domain. *)
val get_id : 'a t -> id

(** The number of the current one. *)
val self : unit -> id

(** Register a function to run before the first spawn. Raises
    [Invalid_argument] after it. *)
val before_first_spawn : (unit -> unit) -> unit

(** Register a function to run at the end of the current domain; the last
    registered runs first. *)
val at_exit : (unit -> unit) -> unit

(** To be called in a loop that waits. *)
val cpu_relax : unit -> unit

(** Whether this is the first domain. *)
val is_main_domain : unit -> bool

(** How many domains can run in parallel here. *)
val recommended_domain_count : unit -> int

(** A small number of the current domain, used again after it. Since 5.3. *)
val self_index : unit -> int

(** Storage local to domains. *)
module DLS : sig
    (** A variable with a value in each domain. *)
    type 'a key

    (** A key and the function that makes its first value in a domain; a new
        domain's is made from its parent's by [split_from_parent]. *)
    val new_key : ?split_from_parent:('a -> 'a) -> (unit -> 'a) -> 'a key

    (** The current domain's value. *)
    val get : 'a key -> 'a

    (** Change it. *)
    val set : 'a key -> 'a -> unit
end
