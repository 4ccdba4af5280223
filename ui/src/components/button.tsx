import { Link, type LinkProps } from '@tanstack/react-router'
import type { ComponentProps, ReactNode } from 'react'

type Look = 'primary' | 'secondary' | 'quiet' | 'danger'

const looks: Record<Look, string> = {
  primary: 'bg-accent text-accent-ink hover:bg-accent-strong',
  secondary: 'border border-line-strong bg-surface text-ink hover:bg-sunken',
  quiet: 'text-accent hover:bg-accent-wash',
  danger: 'bg-bad text-bad-ink hover:bg-bad-strong',
}

const shape =
  'min-target inline-flex items-center justify-center gap-2 rounded-lg px-4 text-sm font-semibold ' +
  'whitespace-nowrap transition-colors aria-disabled:opacity-60 disabled:cursor-not-allowed disabled:opacity-60'

export function buttonClass(look: Look = 'primary', extra = ''): string {
  return `${shape} ${looks[look]} ${extra}`
}

type ButtonProps = ComponentProps<'button'> & { readonly look?: Look; readonly busy?: boolean }

/** While busy it keeps its place, its name and its focus, and ignores further clicks. */
export function Button({ look = 'primary', busy = false, className = '', onClick, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))}
      className={buttonClass(look, className)}
    >
      {children}
    </button>
  )
}

type LinkButtonProps = LinkProps & { readonly look?: Look; readonly className?: string; readonly children: ReactNode }

/** A link that looks like a button, for what leads somewhere. */
export function LinkButton({ look = 'primary', className = '', children, ...link }: LinkButtonProps) {
  return (
    <Link {...link} className={buttonClass(look, className)}>
      {children}
    </Link>
  )
}
