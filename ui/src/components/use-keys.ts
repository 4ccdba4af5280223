import { useEffect } from 'react'

/** Single keys of a page, where nobody is typing and neither a dialog nor a menu is open. */
export function useKeys(actions: Readonly<Record<string, () => unknown>>): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined
      if (!action || isTyping(event) || document.querySelector(inFront)) return
      action()
      event.preventDefault()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  })
}

/** A toast is a dialog by its role, and in nobody's way. */
const inFront = 'dialog[open], [role="dialog"]:not([aria-modal="false"]), [role="alertdialog"], [role="menu"]'

function isTyping({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || !(target instanceof HTMLElement)) return true
  if (target instanceof HTMLInputElement && target.type === 'checkbox') return false
  return target.matches('input, select, textarea, [contenteditable]')
}
