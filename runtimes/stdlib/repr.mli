external phys_equal : 'a -> 'a -> bool = "%eq"
external equal : 'a -> 'a -> bool = "%equal"
external compare : 'a -> 'a -> int = "%compare"
val min : 'a -> 'a -> 'a
val max : 'a -> 'a -> 'a
