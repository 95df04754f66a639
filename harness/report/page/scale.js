/* From figures to pixels, and where to put the ticks between. */

/* A linear scale: at(value) is a pixel, of(pixel) a value. */
function scale(low, high, from, to) {
  const span = high - low || 1;
  return {
    low, high, from, to,
    at: (value) => from + ((value - low) / span) * (to - from),
    of: (pixel) => low + ((pixel - from) / (to - from || 1)) * span,
  };
}

/* Round values between low and high, about `wanted` of them. */
function ticks(low, high, wanted) {
  const rough = (high - low || 1) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((m) => m * power >= rough) * power;
  const values = [];
  for (let k = Math.ceil(low / step); k * step <= high + step * 1e-9; k++)
    values.push(k * step);
  return { step, values };
}

/* "12.5" or "1 200", as exact as the steps between the ticks. */
function tickText(value, step) {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const [whole, part] = value.toFixed(digits).split(".");
  return grouped(whole) + (part ? `.${part}` : "");
}
