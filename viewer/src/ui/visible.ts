// Foreign text as it stands on the page: it neither acts nor hides anything. One sign takes the
// place of one, so that columns in it stay what they are.

const HIDDEN =
  /[\u0000-\u0008\u000a-\u001f\u007f\u0080-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Tabs stay; control characters become their pictures, what turns the direction of text U+FFFD. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (sign) => {
    const code = sign.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "\u2421" : "\ufffd";
  });
}
