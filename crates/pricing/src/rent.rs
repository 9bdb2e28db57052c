//! Rent on the capital that open positions lock, a potential of the obligations alive at each future time.

/// The curve of the annual rate on locked capital against utilisation `u = locked / risk capital`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "borsh", derive(borsh::BorshSerialize, borsh::BorshDeserialize))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Rent {
    /// Annual rate at no utilisation.
    pub r0: f64,
    /// Rise of the rate from no utilisation to the kink.
    pub r1: f64,
    /// Rise of the rate from the kink to full utilisation; the line goes on beyond.
    pub r2: f64,
    /// Utilisation at the kink, in `(0, 1)`.
    pub u_star: f64,
}

/// The obligation of one board.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lock {
    /// Years until its expiry, never negative.
    pub years: f64,
    /// What it may have to pay at most, quote, never negative.
    pub obligation: f64,
}

impl Rent {
    /// The annual rate at the margin, `G'(u)`, for `u >= 0`.
    pub fn rate(&self, u: f64) -> f64 {
        if u <= self.u_star {
            self.r0 + self.r1 * (u / self.u_star)
        } else {
            self.r0 + self.r1 + self.r2 * ((u - self.u_star) / (1.0 - self.u_star))
        }
    }

    /// Annual rent per unit of risk capital at utilisation `u >= 0`: the integral of [`Rent::rate`].
    pub fn g(&self, u: f64) -> f64 {
        self.g_change(0.0, u, u)
    }

    /// `G(after) - G(before)` given `change = after - before`, as the change times a mean rate on each side of
    /// the kink: no difference of two integrals is taken.
    fn g_change(&self, before: f64, after: f64, change: f64) -> f64 {
        let kink = self.u_star;
        let below = |a: f64, b: f64, change: f64| change * (self.r0 + self.r1 * ((a + b) / (2.0 * kink)));
        let above = |a: f64, b: f64, change: f64| {
            let mean_excess = ((a - kink) + (b - kink)) / (2.0 * (1.0 - kink));
            change * (self.r0 + self.r1 + self.r2 * mean_excess)
        };
        match (before <= kink, after <= kink) {
            (true, true) => below(before, after, change),
            (false, false) => above(before, after, change),
            (true, false) => below(before, kink, kink - before) + above(kink, after, after - kink),
            (false, true) => above(before, kink, kink - before) + below(kink, after, after - kink),
        }
    }

    /// `Lambda = R sum_k (T_k - T_(k-1)) G(U_k)` with `U_k` the obligations of board k and later ones over `r`:
    /// rent for each future instant on what is locked then. Locks by ascending years, `r > 0`.
    pub fn lambda(&self, r: f64, locks: &[Lock]) -> f64 {
        self.d_lambda(r, &[], locks)
    }

    /// `Lambda(after) - Lambda(before)` from the change of each board's obligation, so that a small trade beside a
    /// large book keeps its digits. Both lists by ascending years; boards may be in one only.
    pub fn d_lambda(&self, r: f64, before: &[Lock], after: &[Lock]) -> f64 {
        debug_assert!(r > 0.0, "risk capital {r}");
        debug_assert!(before.is_sorted_by(|a, b| a.years <= b.years), "locks before are not sorted");
        debug_assert!(after.is_sorted_by(|a, b| a.years <= b.years), "locks after are not sorted");
        let (mut i, mut j) = (before.len(), after.len());
        let (mut alive, mut change, mut total) = (0.0, 0.0, 0.0);
        while i > 0 || j > 0 {
            let old = i.checked_sub(1).map(|i| before[i]);
            let new = j.checked_sub(1).map(|j| after[j]);
            let end = latest(old, new);
            let old_here = old.filter(|lock| lock.years == end);
            let new_here = new.filter(|lock| lock.years == end);
            i -= usize::from(old_here.is_some());
            j -= usize::from(new_here.is_some());
            let (o, n) = (old_here.map_or(0.0, |l| l.obligation), new_here.map_or(0.0, |l| l.obligation));
            alive += o;
            change += n - o;
            let start = latest(i.checked_sub(1).map(|i| before[i]), j.checked_sub(1).map(|j| after[j]));
            let (u, du) = (alive / r, change / r);
            total += (end - start) * self.g_change(u, u + du, du);
        }
        r * total
    }
}

/// The later expiry of two boards, zero when there is none.
fn latest(a: Option<Lock>, b: Option<Lock>) -> f64 {
    let years = |lock: Option<Lock>| lock.map_or(0.0, |lock| lock.years);
    crate::math::max(years(a), years(b))
}
