(* Type equality witnesses and identifiers. *)

type (_, _) eq = Equal : ('a, 'a) eq

module Id = struct
  type _ constructor = ..

  (* An identifier is a constructor of its own, whose type index is the type
     identified: matching on it compares identities and proves equality. *)
  module type S = sig
    type t
    type _ constructor += This : t constructor
  end

  type !'a t = (module S with type t = 'a)

  let make (type a) () : a t =
    (module struct
      type t = a
      type _ constructor += This : t constructor
    end)

  let[@inline] uid (type a) ((module Id) : a t) =
    Obj.Extension_constructor.id [%extension_constructor Id.This]

  let provably_equal (type a b) ((module A) : a t) ((module B) : b t)
    : (a, b) eq option =
    match A.This with
    | B.This -> Some Equal
    | _ -> None
end
