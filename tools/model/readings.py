"""Where the rules allow more than one reading, the one taken. README.md lists them all with reasons."""

VEGA_TIME = "variance"         # vega's T outside the window: "variance" is tau - 2W/3, "expiry" is tau
DELTA_OF_INDEX = True          # delta is per unit of the index (times F/S), also outside the window
SURFACE_AGE = "tick"           # the age in the vol spread counts to the tick's publish time, or to "now"
CALM_ON = "charged"            # calm_factor multiplies max(conf_min, conf/S); "oracle": only conf/S
BAND_THETA_TIME = "expiry"     # sd of a band: theta at tau; "variance": at tau - 2W/3

REL = 2e-12   # of gross premium
UNITS = 1.0   # of cash, on top
