import type { RefCallback } from 'react'

/**
 * A ref for the heading of a step that replaces another: keyboard and screen reader go on there. Give it
 * `tabIndex={-1}`.
 */
export const focusOnMount: RefCallback<HTMLElement> = (element) => {
  element?.focus({ preventScroll: true })
}
