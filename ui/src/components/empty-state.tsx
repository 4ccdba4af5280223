import type { ReactNode } from 'react'

type EmptyStateProps = { readonly title: string; readonly children: ReactNode; readonly action?: ReactNode }

/** Nothing to show, why that is, and what to do next. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className="rounded-2xl border border-dashed border-line-strong/50 px-6 py-12 text-center">
      <p className="text-lg font-semibold">{title}</p>
      <p className="mx-auto mt-1 max-w-md text-ink-soft">{children}</p>
      {action ? <div className="mt-5 flex flex-wrap justify-center gap-2">{action}</div> : null}
    </div>
  )
}
