/** A rule that was broken, and how. */
export type Violation = { readonly rule: string; readonly detail: string }
export type Fail = (violation: Violation) => void
