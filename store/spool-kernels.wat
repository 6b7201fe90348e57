;; The hot part of writing a frame: columns into the shortest mode that holds them, as
;; spool-column.ts draws the modes and does it for batches whose columns lie elsewhere; a test holds
;; the two together. This is no generated code: it reads a table, and who fills that checks every
;; bound before.
;;
;; An entry of the table is six i32:
;;
;;    0 column                          12 column that it may be equal to
;;    4 octets of a row                 16 mode that says so; 0: there is no such column
;;    8 kind: 0 any, 1 address,         20 number of the column in the segment
;;      2 u64, 3 time
(module
  (import "host" "memory" (memory 1))

  ;; True where these octets are equal.
  (func $equal (param $a i32) (param $b i32) (param $bytes i32) (result i32)
    (local $end i32)
    (if (i32.ge_u (local.get $bytes) (i32.const 16))
      (then
        (local.set $end (i32.add (local.get $a) (i32.sub (local.get $bytes) (i32.const 16))))
        (loop $next
          (if (v128.any_true
                (v128.xor (v128.load (local.get $a)) (v128.load (local.get $b))))
            (then (return (i32.const 0))))
          (local.set $a (i32.add (local.get $a) (i32.const 16)))
          (local.set $b (i32.add (local.get $b) (i32.const 16)))
          (br_if $next (i32.lt_u (local.get $a) (local.get $end))))
        ;; The last sixteen, of which some may have been looked at before.
        (local.set $b (i32.add (local.get $b) (i32.sub (local.get $end) (local.get $a))))
        (return (i32.eqz (v128.any_true
          (v128.xor (v128.load (local.get $end)) (v128.load (local.get $b))))))))
    (local.set $end (i32.add (local.get $a) (local.get $bytes)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $a) (local.get $end)))
        (if (i32.ne (i32.load8_u (local.get $a)) (i32.load8_u (local.get $b)))
          (then (return (i32.const 0))))
        (local.set $a (i32.add (local.get $a) (i32.const 1)))
        (local.set $b (i32.add (local.get $b) (i32.const 1)))
        (br $next)))
    (i32.const 1))

  (func $isZero (param $at i32) (param $bytes i32) (result i32)
    (local $any i32)
    (loop $next
      (local.set $any (i32.or (local.get $any) (i32.load8_u (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (local.tee $bytes (i32.sub (local.get $bytes) (i32.const 1)))))
    (i32.eqz (local.get $any)))

  ;; Numbers of 64 bits that grow by one from row to row.
  (func $isSerial (param $at i32) (param $rows i32) (result i32)
    (local $want v128)
    (local.set $want (v128.load64_splat (local.get $at)))
    (local.set $want (i32x4.add (local.get $want) (v128.const i32x4 0 0 1 0)))
    (block $odd
      (loop $next
        (br_if $odd (i32.lt_s (local.get $rows) (i32.const 2)))
        (if (v128.any_true (v128.xor (v128.load (local.get $at)) (local.get $want)))
          (then (return (i32.const 0))))
        (local.set $want (i32x4.add (local.get $want) (v128.const i32x4 2 0 2 0)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
        (br $next)))
    (if (i32.eqz (local.get $rows)) (then (return (i32.const 1))))
    (i64.eq (i64.load (local.get $at)) (i64x2.extract_lane 0 (local.get $want))))

  ;; Last words of addresses; 0 where one of them is no IPv4.
  (func $putV4 (param $at i32) (param $rows i32) (param $to i32) (result i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128) (local $other v128)
    (local $mapped v128)
    (local.set $mapped (v128.const i32x4 0 0 0xffff 0))
    (block $few
      (loop $next
        (br_if $few (i32.lt_s (local.get $rows) (i32.const 4)))
        (local.set $a (v128.load (local.get $at)))
        (local.set $b (v128.load offset=16 (local.get $at)))
        (local.set $c (v128.load offset=32 (local.get $at)))
        (local.set $d (v128.load offset=48 (local.get $at)))
        (local.set $other (v128.or (local.get $other)
          (v128.or
            (v128.or
              (v128.xor (local.get $a) (local.get $mapped))
              (v128.xor (local.get $b) (local.get $mapped)))
            (v128.or
              (v128.xor (local.get $c) (local.get $mapped))
              (v128.xor (local.get $d) (local.get $mapped))))))
        (v128.store (local.get $to)
          (i8x16.shuffle 0 1 2 3 4 5 6 7 24 25 26 27 28 29 30 31
            (i8x16.shuffle 12 13 14 15 28 29 30 31 12 13 14 15 28 29 30 31
              (local.get $a) (local.get $b))
            (i8x16.shuffle 12 13 14 15 28 29 30 31 12 13 14 15 28 29 30 31
              (local.get $c) (local.get $d))))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 4)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $rows)))
        (local.set $a (v128.load (local.get $at)))
        (local.set $other (v128.or (local.get $other)
          (v128.xor (local.get $a) (local.get $mapped))))
        (v128.store32_lane 3 (local.get $to) (local.get $a))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $next)))
    (i32.eqz (v128.any_true
      (v128.and (local.get $other) (v128.const i32x4 -1 -1 -1 0)))))

  ;; Low words of numbers of 64 bits; 0 where a high word is not zero.
  (func $putLow (param $at i32) (param $rows i32) (param $to i32) (result i32)
    (local $a v128) (local $b v128) (local $high v128)
    (block $few
      (loop $next
        (br_if $few (i32.lt_s (local.get $rows) (i32.const 4)))
        (local.set $a (v128.load (local.get $at)))
        (local.set $b (v128.load offset=16 (local.get $at)))
        (local.set $high
          (v128.or (local.get $high) (v128.or (local.get $a) (local.get $b))))
        (v128.store (local.get $to)
          (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27
            (local.get $a) (local.get $b)))
        (local.set $at (i32.add (local.get $at) (i32.const 32)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 4)))
        (br $next)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $rows)))
        (local.set $a (v128.load64_zero (local.get $at)))
        (local.set $high (v128.or (local.get $high) (local.get $a)))
        (v128.store32_lane 0 (local.get $to) (local.get $a))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $next)))
    (i32.eqz (v128.any_true
      (v128.and (local.get $high) (v128.const i32x4 0 -1 0 -1)))))

  ;; The first time less half an hour, and what the times are later than that; 0 where one is not
  ;; near, no whole microsecond or no number.
  (func $putNear (param $at i32) (param $rows i32) (param $to i32) (result i32)
    (local $base f64) (local $bases v128) (local $times v128) (local $offsets v128) (local $same v128)
    (local.set $base (f64.sub (f64.load (local.get $at)) (f64.const 2147483648)))
    (local.set $bases (f64x2.splat (local.get $base)))
    (local.set $same (v128.const i32x4 -1 -1 -1 -1))
    (f64.store (local.get $to) (local.get $base))
    (local.set $to (i32.add (local.get $to) (i32.const 8)))
    (block $done
      (loop $next
        (br_if $done (i32.le_s (local.get $rows) (i32.const 0)))
        ;; Of the last of an odd number of rows twice.
        (local.set $times
          (if (result v128) (i32.eq (local.get $rows) (i32.const 1))
            (then (v128.load64_splat (local.get $at)))
            (else (v128.load (local.get $at)))))
        (local.set $offsets
          (i32x4.trunc_sat_f64x2_u_zero (f64x2.sub (local.get $times) (local.get $bases))))
        (local.set $same (v128.and (local.get $same)
          (f64x2.eq
            (f64x2.add (local.get $bases) (f64x2.convert_low_i32x4_u (local.get $offsets)))
            (local.get $times))))
        (v128.store64_lane 0 (local.get $to) (local.get $offsets))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $to (i32.add (local.get $to) (i32.const 8)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
        (br $next)))
    (i64x2.all_true (local.get $same)))

  ;; Writes the columns of a table behind one another from `to` on, each padded to eight, and their
  ;; modes from `modes` on, whose octets are zero before. Gives where it ends.
  (func (export "pack") (param $entry i32) (param $count i32) (param $rows i32)
      (param $modes i32) (param $to i32) (result i32)
    (local $end i32) (local $at i32) (local $rowBytes i32) (local $bytes i32) (local $kind i32)
    (local $mode i32) (local $length i32)
    (local.set $end (i32.add (local.get $entry) (i32.mul (local.get $count) (i32.const 24))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $entry) (local.get $end)))
        (local.set $at (i32.load (local.get $entry)))
        (local.set $rowBytes (i32.load offset=4 (local.get $entry)))
        (local.set $kind (i32.load offset=8 (local.get $entry)))
        (local.set $bytes (i32.mul (local.get $rows) (local.get $rowBytes)))
        (block $known
          (if (call $equal
                (local.get $at)
                (i32.add (local.get $at) (local.get $rowBytes))
                (i32.sub (local.get $bytes) (local.get $rowBytes)))
            (then
              (local.set $mode (i32.const 0))
              (local.set $length (i32.const 0))
              (br_if $known (call $isZero (local.get $at) (local.get $rowBytes)))
              (i64.store (local.get $to) (i64.const 0))
              (memory.copy (local.get $to) (local.get $at) (local.get $rowBytes))
              (local.set $mode (i32.const 3))
              (local.set $length (local.get $rowBytes))
              (br $known)))
          (if (i32.load offset=16 (local.get $entry)) (then
            (local.set $mode (i32.load offset=16 (local.get $entry)))
            (local.set $length (i32.const 0))
            (br_if $known (call $equal
              (local.get $at) (i32.load offset=12 (local.get $entry)) (local.get $bytes)))))
          (if (i32.eq (local.get $kind) (i32.const 2)) (then
            (if (call $isSerial (local.get $at) (local.get $rows)) (then
              (i64.store (local.get $to) (i64.load (local.get $at)))
              (local.set $mode (i32.const 5))
              (local.set $length (i32.const 8))
              (br $known)))
            (local.set $mode (i32.const 4))
            (local.set $length (i32.shl (local.get $rows) (i32.const 2)))
            (br_if $known
              (call $putLow (local.get $at) (local.get $rows) (local.get $to)))))
          (if (i32.eq (local.get $kind) (i32.const 1)) (then
            (local.set $mode (i32.const 2))
            (local.set $length (i32.shl (local.get $rows) (i32.const 2)))
            (br_if $known
              (call $putV4 (local.get $at) (local.get $rows) (local.get $to)))))
          (if (i32.eq (local.get $kind) (i32.const 3)) (then
            (local.set $mode (i32.const 6))
            (local.set $length
              (i32.add (i32.const 8) (i32.shl (local.get $rows) (i32.const 2))))
            (br_if $known
              (call $putNear (local.get $at) (local.get $rows) (local.get $to)))))
          (memory.copy (local.get $to) (local.get $at) (local.get $bytes))
          (local.set $mode (i32.const 1))
          (local.set $length (local.get $bytes)))
        (i32.store8
          (i32.add (local.get $modes) (i32.load offset=20 (local.get $entry)))
          (local.get $mode))
        ;; What pads it to eight octets is zero.
        (i64.store (i32.add (local.get $to) (local.get $length)) (i64.const 0))
        (local.set $to (i32.add (local.get $to)
          (i32.and (i32.add (local.get $length) (i32.const 7)) (i32.const -8))))
        (local.set $entry (i32.add (local.get $entry) (i32.const 24)))
        (br $next)))
    (local.get $to))

  ;; The first start and the last end of rows that start in [earliest, latest] and are no longer
  ;; than `longest`, into two f64 at `to`; Infinity and -Infinity where there are none.
  (func (export "extent") (param $starts i32) (param $ends i32) (param $rows i32)
      (param $earliest f64) (param $latest f64) (param $longest f64) (param $to i32)
    (local $start v128) (local $end v128) (local $sound v128) (local $from v128) (local $until v128)
    (local.set $from (v128.const f64x2 inf inf))
    (local.set $until (v128.const f64x2 -inf -inf))
    (block $done
      (loop $next
        (br_if $done (i32.le_s (local.get $rows) (i32.const 0)))
        (if (i32.eq (local.get $rows) (i32.const 1))
          (then
            (local.set $start (v128.load64_splat (local.get $starts)))
            (local.set $end (v128.load64_splat (local.get $ends))))
          (else
            (local.set $start (v128.load (local.get $starts)))
            (local.set $end (v128.load (local.get $ends)))))
        (local.set $sound (v128.and
          (f64x2.ge (local.get $start) (f64x2.splat (local.get $earliest)))
          (f64x2.le (local.get $start) (f64x2.splat (local.get $latest)))))
        (local.set $from (f64x2.pmin (local.get $from)
          (v128.bitselect (local.get $start) (v128.const f64x2 inf inf) (local.get $sound))))
        (local.set $sound (v128.and (local.get $sound)
          (f64x2.le (local.get $end)
            (f64x2.add (local.get $start) (f64x2.splat (local.get $longest))))))
        (local.set $until (f64x2.pmax (local.get $until)
          (v128.bitselect (local.get $end) (v128.const f64x2 -inf -inf) (local.get $sound))))
        (local.set $starts (i32.add (local.get $starts) (i32.const 16)))
        (local.set $ends (i32.add (local.get $ends) (i32.const 16)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 2)))
        (br $next)))
    (f64.store (local.get $to) (f64.min
      (f64x2.extract_lane 0 (local.get $from)) (f64x2.extract_lane 1 (local.get $from))))
    (f64.store offset=8 (local.get $to) (f64.max
      (f64x2.extract_lane 0 (local.get $until)) (f64x2.extract_lane 1 (local.get $until)))))
)
