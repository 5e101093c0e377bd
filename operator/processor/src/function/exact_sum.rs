//! Sums of doubles that do not depend on the order: exact, and rounded once when asked for.
//!
//! A sum is kept as doubles that do not overlap and whose exact sum it is (J. R. Shewchuk, "Adaptive Precision
//! Floating-Point Arithmetic", 1997). Infinities and NaN are counted beside it, so that they can be taken out again.
//! What leaves the range of doubles on the way counts as infinite.

/// An exact sum.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Exact {
    /// Least first; none is zero, none overlaps another.
    pub(super) parts: Vec<f64>,
    /// How many NaNs, infinities and negative infinities are in it.
    pub(super) special: [i64; 3],
}

/// The rounded sum and what rounding lost.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let other = sum - a;
    (sum, (a - (sum - other)) + (b - other))
}

/// The rounded product and what rounding lost, by splitting each factor in two halves (T. J. Dekker, 1971).
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let split = |a: f64| {
        let far = 134_217_729.0 * a;
        let high = far - (far - a);
        (high, a - high)
    };
    let product = a * b;
    let ((a_high, a_low), (b_high, b_low)) = (split(a), split(b));
    let lost = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    // Splitting overflows close to the end of the range, where nothing below matters.
    (product, if lost.is_finite() { lost } else { 0.0 })
}

impl Exact {
    /// Adds a number `times` times, once or minus once.
    fn count(&mut self, value: f64, times: i64) -> bool {
        let kind = if value.is_nan() {
            0
        } else if value == f64::INFINITY {
            1
        } else if value == f64::NEG_INFINITY {
            2
        } else {
            return false;
        };
        self.special[kind] += times;
        true
    }

    pub(super) fn add(&mut self, value: f64) {
        if !self.count(value, 1) {
            self.grow(value);
        }
    }

    pub(super) fn remove(&mut self, value: f64) {
        if !self.count(value, -1) {
            self.grow(-value);
        }
    }

    pub(super) fn merge(&mut self, other: &Exact) {
        other.parts.iter().for_each(|&part| self.grow(part));
        self.special.iter_mut().zip(other.special).for_each(|(count, more)| *count += more);
    }

    fn grow(&mut self, value: f64) {
        let mut carry = value;
        let mut kept = 0;
        for at in 0..self.parts.len() {
            let (sum, lost) = two_sum(carry, self.parts[at]);
            if !sum.is_finite() {
                self.parts.clear();
                self.count(sum, 1);
                return;
            }
            if lost != 0.0 {
                self.parts[kept] = lost;
                kept += 1;
            }
            carry = sum;
        }
        self.parts.truncate(kept);
        if carry != 0.0 {
            self.parts.push(carry);
        }
    }

    /// Adds the exact product of two doubles.
    fn add_product(&mut self, a: f64, b: f64) {
        let (product, lost) = two_product(a, b);
        self.add(product);
        if product.is_finite() {
            self.grow(lost);
        }
    }

    /// Adds the square of a number, or takes it out.
    pub(super) fn add_square(&mut self, value: f64, times: i64) {
        let (square, lost) = two_product(value, value);
        if !self.count(square, times) {
            let sign = if times < 0 { -1.0 } else { 1.0 };
            self.grow(sign * square);
            self.grow(sign * lost);
        }
    }

    /// `count * self - other * other`, exactly: the numerator of a variance.
    pub(super) fn less_square(&self, count: f64, other: &Exact) -> Exact {
        let mut result = Exact::default();
        self.parts.iter().for_each(|&part| result.add_product(count, part));
        for (index, &a) in other.parts.iter().enumerate() {
            result.add_product(-a, a);
            other.parts[..index].iter().for_each(|&b| result.add_product(-2.0 * a, b));
        }
        for of in [self, other] {
            // Of numbers without end there is no spread.
            result.special[0] += i64::from(of.special.iter().any(|&count| count > 0));
        }
        result
    }

    /// The nearest double, halves to even.
    pub(super) fn value(&self) -> f64 {
        let [nan, plus, minus] = self.special.map(|count| count > 0);
        if nan || (plus && minus) {
            return f64::NAN;
        }
        if plus || minus {
            return if plus { f64::INFINITY } else { f64::NEG_INFINITY };
        }
        let mut parts = self.parts.iter().rev().copied();
        let Some(mut sum) = parts.next() else { return 0.0 };
        let mut lost = 0.0;
        for part in parts.by_ref() {
            (sum, lost) = two_sum(sum, part);
            if lost != 0.0 {
                break;
            }
        }
        // What is left decides a half: if it goes the same way as what was lost, the sum is rounded the other way.
        if let Some(next) = parts.next()
            && ((lost < 0.0 && next < 0.0) || (lost > 0.0 && next > 0.0))
        {
            let twice = lost * 2.0;
            let other = sum + twice;
            if twice == other - sum {
                sum = other;
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(values: &[f64]) -> f64 {
        let mut exact = Exact::default();
        values.iter().for_each(|&value| exact.add(value));
        exact.value()
    }

    #[test]
    fn nothing_is_lost() {
        assert_eq!(sum(&[1e100, 1.0, -1e100]), 1.0);
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[1.0, 1e-16, 1e-16]), 1.0000000000000002);
        assert_eq!(sum(&[f64::INFINITY, 1.0]), f64::INFINITY);
        assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
        assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(sum(&[]), 0.0);
    }

    proptest! {
        /// Order and cutting into parts change nothing; what is taken out was never there.
        #[test]
        fn order_changes_nothing(values in prop::collection::vec(any::<i32>().prop_flat_map(|a| (Just(a), -60..60_i32)), 0..40), cut in 0_usize..40, extra in any::<i32>()) {
            let values: Vec<f64> = values.iter().map(|(a, e)| f64::from(*a) * 2_f64.powi(*e)).collect();
            let forwards = sum(&values);
            let backwards: Vec<f64> = values.iter().rev().copied().collect();
            prop_assert_eq!(forwards.to_bits(), sum(&backwards).to_bits());
            let cut = cut.min(values.len());
            let (mut first, mut second) = (Exact::default(), Exact::default());
            values[..cut].iter().for_each(|&value| first.add(value));
            values[cut..].iter().for_each(|&value| second.add(value));
            first.add(f64::from(extra) / 3.0);
            second.merge(&first);
            second.remove(f64::from(extra) / 3.0);
            prop_assert_eq!(forwards.to_bits(), second.value().to_bits());
        }

        /// Squares are exact too.
        #[test]
        fn spreads_are_exact(values in prop::collection::vec(-1000_i64..1000, 1..20), offset in any::<i32>()) {
            let (mut sum, mut squares) = (Exact::default(), Exact::default());
            let count = values.len() as i64;
            for value in &values {
                sum.add((value + i64::from(offset)) as f64);
                squares.add_square((value + i64::from(offset)) as f64, 1);
            }
            let total: i64 = values.iter().sum();
            let expected = count * values.iter().map(|value| value * value).sum::<i64>() - total * total;
            prop_assert_eq!(squares.less_square(count as f64, &sum).value(), expected as f64);
        }
    }
}
