;; The hot part of encoding: columns of a run of records into messages, network order, as
;; column-writers.ts does it for batches that lie elsewhere; a test holds the two together. This is
;; no generated code: it reads a table of steps, and who fills that checks every bound before.
;;
;; Rows of the records are i32 from `at` on, up to `end`; where the records begin stands 768 octets
;; behind, an i32 each, counted from `base`.
;;
;; A step is twelve i32:
;;
;;    0 kernel, its number in the table below        16 f64 constant
;;    4 where in a record it writes                  24 column
;;    8 octets of a row of it, as a power of two     28, 32, 36 the columns that are written behind it
;;   12 i32 constant
(module
  (import "host" "memory" (memory 1))
  (type $kernel (func (param i32 i32 i32 i32) (result i32)))
  (table funcref (elem
    $one $two $four $eight $v4 $v6 $space $constantOne $constantFour $milliseconds
    $fourTwos $twoFours $twoEights $fourV4 $twoMilliseconds $twoNtp $twoUptimes))

  ;; Gives 0 where a time is none that these kernels write: it is left to others.
  (func (export "write") (param $step i32) (param $last i32) (param $at i32) (param $end i32)
      (param $base i32) (result i32)
    (local $sound i32)
    (local.set $sound (i32.const 1))
    (loop $next
      (local.set $sound (i32.and (local.get $sound)
        (call_indirect (type $kernel)
          (i32.add (local.get $base) (i32.load offset=4 (local.get $step)))
          (local.get $at)
          (local.get $end)
          (local.get $step)
          (i32.load (local.get $step)))))
      (br_if $next (i32.lt_u
        (local.tee $step (i32.add (local.get $step) (i32.const 48)))
        (local.get $last))))
    (local.get $sound))

  (func $one (param $to i32) (param $at i32) (param $end i32) (param $step i32) (result i32)
    (local $column i32) (local $shift i32)
    (local.set $column (i32.load offset=24 (local.get $step)))
    (local.set $shift (i32.load offset=8 (local.get $step)))
    (loop $next
      (i32.store8
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i32.load8_u (i32.add (local.get $column)
          (i32.shl (i32.load (local.get $at)) (local.get $shift)))))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i32.const 1))

  (func $two (param $to i32) (param $at i32) (param $end i32) (param $step i32) (result i32)
    (local $column i32) (local $shift i32) (local $x i32)
    (local.set $column (i32.load offset=24 (local.get $step)))
    (local.set $shift (i32.load offset=8 (local.get $step)))
    (loop $next
      (local.set $x (i32.load16_u (i32.add (local.get $column)
        (i32.shl (i32.load (local.get $at)) (local.get $shift)))))
      (i32.store16
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i32.or (i32.shl (local.get $x) (i32.const 8)) (i32.shr_u (local.get $x) (i32.const 8))))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i32.const 1))

  (func $four (param $to i32) (param $at i32) (param $end i32) (param $step i32) (result i32)
    (local $column i32)
    (local.set $column (i32.load offset=24 (local.get $step)))
    (loop $next
      (v128.store32_lane 0
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i8x16.swizzle
          (v128.load32_zero (i32.add (local.get $column)
            (i32.shl (i32.load (local.get $at)) (i32.const 2))))
          (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12)))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i32.const 1))

  (func $eight (param $to i32) (param $at i32) (param $end i32) (param $step i32) (result i32)
    (local $column i32)
    (local.set $column (i32.load offset=24 (local.get $step)))
    (loop $next
      (v128.store64_lane 0
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i8x16.swizzle
          (v128.load64_zero (i32.add (local.get $column)
            (i32.shl (i32.load (local.get $at)) (i32.const 3))))
          (v128.const i8x16 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8)))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i32.const 1))

  ;; The last word of an address.
  (func $v4 (param $to i32) (param $at i32) (param $end i32) (param $step i32) (result i32)
    (local $column i32)
    (local.set $column (i32.load offset=24 (local.get $step)))
    (loop $next
      (v128.store32_lane 0
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i8x16.swizzle
          (v128.load32_zero offset=12 (i32.add (local.get $column)
            (i32.shl (i32.load (local.get $at)) (i32.const 4))))
          (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12)))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i32.const 1))

  (func $v6 (param $to i32) (param $at i32) (param $end i32) (param $step i32) (result i32)
    (local $column i32)
    (local.set $column (i32.load offset=24 (local.get $step)))
    (loop $next
      (v128.store
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i8x16.swizzle
          (v128.load (i32.add (local.get $column)
            (i32.shl (i32.load (local.get $at)) (i32.const 4))))
          (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12)))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i32.const 1))

  ;; One less, but for 0.
  (func $space (param $to i32) (param $at i32) (param $end i32) (param $step i32) (result i32)
    (local $column i32) (local $x i32)
    (local.set $column (i32.load offset=24 (local.get $step)))
    (loop $next
      (local.set $x (i32.load (i32.add (local.get $column)
        (i32.shl (i32.load (local.get $at)) (i32.const 2)))))
      (v128.store32_lane 0
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i8x16.swizzle
          (i32x4.splat (i32.sub (local.get $x) (i32.ne (local.get $x) (i32.const 0))))
          (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12)))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i32.const 1))

  (func $constantOne (param $to i32) (param $at i32) (param $end i32) (param $step i32)
      (result i32)
    (local $constant i32)
    (local.set $constant (i32.load offset=12 (local.get $step)))
    (loop $next
      (i32.store8
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (local.get $constant))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i32.const 1))

  (func $constantFour (param $to i32) (param $at i32) (param $end i32) (param $step i32)
      (result i32)
    (local $constant v128)
    (local.set $constant (i8x16.swizzle
      (v128.load32_splat offset=12 (local.get $step))
      (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12)))
    (loop $next
      (v128.store32_lane 0
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (local.get $constant))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i32.const 1))

  ;; Times from 1970 to 2106; what 2^52 is added to has them in its lowest bits.
  (func $milliseconds (param $to i32) (param $at i32) (param $end i32) (param $step i32)
      (result i32)
    (local $column i32) (local $sound v128) (local $us v128)
    (local.set $column (i32.load offset=24 (local.get $step)))
    (local.set $sound (v128.const i32x4 -1 -1 -1 -1))
    (loop $next
      (local.set $us (v128.load64_zero (i32.add (local.get $column)
        (i32.shl (i32.load (local.get $at)) (i32.const 3)))))
      (local.set $sound (v128.and (local.get $sound) (v128.and
        (f64x2.ge (local.get $us) (v128.const f64x2 0 0))
        (f64x2.lt (local.get $us) (v128.const f64x2 4294967296e6 4294967296e6)))))
      (v128.store64_lane 0
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i8x16.swizzle
          (v128.xor (v128.const f64x2 4503599627370496 4503599627370496)
            (f64x2.add (v128.const f64x2 4503599627370496 4503599627370496)
              (f64x2.floor (f64x2.div (local.get $us) (v128.const f64x2 1000 1000)))))
          (v128.const i8x16 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8)))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i64x2.all_true (local.get $sound)))

  ;; From here on fields that stand behind one another.
  (func $fourTwos (param $to i32) (param $at i32) (param $end i32) (param $step i32) (result i32)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $row i32)
    (local.set $a (i32.load offset=24 (local.get $step)))
    (local.set $b (i32.load offset=28 (local.get $step)))
    (local.set $c (i32.load offset=32 (local.get $step)))
    (local.set $d (i32.load offset=36 (local.get $step)))
    (loop $next
      (local.set $row (i32.shl (i32.load (local.get $at)) (i32.const 1)))
      (v128.store64_lane 0
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i8x16.swizzle
          (v128.load16_lane 3 (i32.add (local.get $d) (local.get $row))
            (v128.load16_lane 2 (i32.add (local.get $c) (local.get $row))
              (v128.load16_lane 1 (i32.add (local.get $b) (local.get $row))
                (v128.load16_lane 0 (i32.add (local.get $a) (local.get $row))
                  (v128.const i32x4 0 0 0 0)))))
          (v128.const i8x16 1 0 3 2 5 4 7 6 9 8 11 10 13 12 15 14)))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i32.const 1))

  (func $twoFours (param $to i32) (param $at i32) (param $end i32) (param $step i32) (result i32)
    (local $a i32) (local $b i32) (local $row i32)
    (local.set $a (i32.load offset=24 (local.get $step)))
    (local.set $b (i32.load offset=28 (local.get $step)))
    (loop $next
      (local.set $row (i32.shl (i32.load (local.get $at)) (i32.const 2)))
      (v128.store64_lane 0
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i8x16.swizzle
          (v128.load32_lane 1 (i32.add (local.get $b) (local.get $row))
            (v128.load32_zero (i32.add (local.get $a) (local.get $row))))
          (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12)))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i32.const 1))

  (func $twoEights (param $to i32) (param $at i32) (param $end i32) (param $step i32) (result i32)
    (local $a i32) (local $b i32) (local $row i32)
    (local.set $a (i32.load offset=24 (local.get $step)))
    (local.set $b (i32.load offset=28 (local.get $step)))
    (loop $next
      (local.set $row (i32.shl (i32.load (local.get $at)) (i32.const 3)))
      (v128.store
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i8x16.swizzle
          (v128.load64_lane 1 (i32.add (local.get $b) (local.get $row))
            (v128.load64_zero (i32.add (local.get $a) (local.get $row))))
          (v128.const i8x16 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8)))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i32.const 1))

  (func $fourV4 (param $to i32) (param $at i32) (param $end i32) (param $step i32) (result i32)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $row i32)
    (local.set $a (i32.load offset=24 (local.get $step)))
    (local.set $b (i32.load offset=28 (local.get $step)))
    (local.set $c (i32.load offset=32 (local.get $step)))
    (local.set $d (i32.load offset=36 (local.get $step)))
    (loop $next
      (local.set $row (i32.shl (i32.load (local.get $at)) (i32.const 4)))
      (v128.store
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i8x16.swizzle
          (v128.load32_lane offset=12 3 (i32.add (local.get $d) (local.get $row))
            (v128.load32_lane offset=12 2 (i32.add (local.get $c) (local.get $row))
              (v128.load32_lane offset=12 1 (i32.add (local.get $b) (local.get $row))
                (v128.load32_zero offset=12 (i32.add (local.get $a) (local.get $row))))))
          (v128.const i8x16 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12)))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i32.const 1))

  (func $twoMilliseconds (param $to i32) (param $at i32) (param $end i32) (param $step i32)
      (result i32)
    (local $a i32) (local $b i32) (local $row i32) (local $sound v128) (local $us v128)
    (local.set $a (i32.load offset=24 (local.get $step)))
    (local.set $b (i32.load offset=28 (local.get $step)))
    (local.set $sound (v128.const i32x4 -1 -1 -1 -1))
    (loop $next
      (local.set $row (i32.shl (i32.load (local.get $at)) (i32.const 3)))
      (local.set $us
        (v128.load64_lane 1 (i32.add (local.get $b) (local.get $row))
          (v128.load64_zero (i32.add (local.get $a) (local.get $row)))))
      (local.set $sound (v128.and (local.get $sound) (v128.and
        (f64x2.ge (local.get $us) (v128.const f64x2 0 0))
        (f64x2.lt (local.get $us) (v128.const f64x2 4294967296e6 4294967296e6)))))
      (v128.store
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i8x16.swizzle
          (v128.xor (v128.const f64x2 4503599627370496 4503599627370496)
            (f64x2.add (v128.const f64x2 4503599627370496 4503599627370496)
              (f64x2.floor (f64x2.div (local.get $us) (v128.const f64x2 1000 1000)))))
          (v128.const i8x16 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8)))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i64x2.all_true (local.get $sound)))

  ;; Seconds since 1900 and a fraction whose lowest eleven bits are 0. What may be negative is found
  ;; in the lowest bits of what 2^52 and 2^51 are added to.
  (func $twoNtp (param $to i32) (param $at i32) (param $end i32) (param $step i32) (result i32)
    (local $a i32) (local $b i32) (local $row i32) (local $sound v128) (local $us v128)
    (local $seconds v128)
    (local.set $a (i32.load offset=24 (local.get $step)))
    (local.set $b (i32.load offset=28 (local.get $step)))
    (local.set $sound (v128.const i32x4 -1 -1 -1 -1))
    (loop $next
      (local.set $row (i32.shl (i32.load (local.get $at)) (i32.const 3)))
      (local.set $us
        (v128.load64_lane 1 (i32.add (local.get $b) (local.get $row))
          (v128.load64_zero (i32.add (local.get $a) (local.get $row)))))
      (local.set $sound (v128.and (local.get $sound) (v128.and
        (f64x2.ge (local.get $us) (v128.const f64x2 0 0))
        (f64x2.lt (local.get $us) (v128.const f64x2 4294967296e6 4294967296e6)))))
      (local.set $seconds (f64x2.floor (f64x2.div (local.get $us) (v128.const f64x2 1e6 1e6))))
      (v128.store
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i8x16.swizzle
          (v128.or
            (i64x2.shl
              (i64x2.add (v128.const i64x2 2208988800 2208988800)
                (f64x2.add (local.get $seconds)
                  (v128.const f64x2 4503599627370496 4503599627370496)))
              (i32.const 32))
            (v128.and (v128.const i32x4 -1 0 -1 0)
              (i32x4.shl
                (f64x2.add (v128.const f64x2 6755399441055744 6755399441055744)
                  (f64x2.ceil (f64x2.mul (v128.const f64x2 2.097152 2.097152)
                    (f64x2.sub (local.get $us)
                      (f64x2.mul (local.get $seconds) (v128.const f64x2 1e6 1e6))))))
                (i32.const 11))))
          (v128.const i8x16 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8)))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i64x2.all_true (local.get $sound)))

  ;; Milliseconds since the constant, which is a time too; 32 bits of them.
  (func $twoUptimes (param $to i32) (param $at i32) (param $end i32) (param $step i32)
      (result i32)
    (local $a i32) (local $b i32) (local $row i32) (local $sound v128) (local $us v128)
    (local $boot v128)
    (local.set $a (i32.load offset=24 (local.get $step)))
    (local.set $b (i32.load offset=28 (local.get $step)))
    (local.set $boot (v128.load64_splat offset=16 (local.get $step)))
    (local.set $sound (v128.const i32x4 -1 -1 -1 -1))
    (loop $next
      (local.set $row (i32.shl (i32.load (local.get $at)) (i32.const 3)))
      (local.set $us
        (v128.load64_lane 1 (i32.add (local.get $b) (local.get $row))
          (v128.load64_zero (i32.add (local.get $a) (local.get $row)))))
      (local.set $sound (v128.and (local.get $sound) (v128.and
        (f64x2.ge (local.get $us) (v128.const f64x2 0 0))
        (f64x2.lt (local.get $us) (v128.const f64x2 4294967296e6 4294967296e6)))))
      (v128.store64_lane 0
        (i32.add (local.get $to) (i32.load offset=768 (local.get $at)))
        (i8x16.swizzle
          (f64x2.add (v128.const f64x2 6755399441055744 6755399441055744)
            (f64x2.floor (f64x2.div
              (f64x2.sub (local.get $us) (local.get $boot))
              (v128.const f64x2 1000 1000))))
          (v128.const i8x16 3 2 1 0 11 10 9 8 -1 -1 -1 -1 -1 -1 -1 -1)))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 4)))
        (local.get $end))))
    (i64x2.all_true (local.get $sound)))
)
