/** Holds the place of a line that is under way. */
export function Skeleton({ className }: { readonly className: string }) {
  return <span className={`shimmer block ${className}`} />
}

type SkeletonRowsProps = { readonly rows?: number; readonly label: string; readonly headings?: boolean }

const rowKeys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** Rows of the same height as those that come, below the line of a table's headings where there is one. */
export function SkeletonRows({ rows = 6, label, headings = false }: SkeletonRowsProps) {
  return (
    <div role="status" aria-label={label} className="divide-y divide-line">
      {headings ? <div className="h-11" /> : null}
      {rowKeys.slice(0, rows).map((key) => (
        <div
          key={key}
          className={`flex ${headings ? 'h-13.25' : 'h-[4.3125rem]'} items-center justify-between gap-6 px-4 sm:px-5`}
        >
          <div className="flex-1 space-y-2">
            <Skeleton className="h-4 w-2/5" />
            <Skeleton className="h-3 w-1/4" />
          </div>
          <Skeleton className="h-4 w-24" />
        </div>
      ))}
    </div>
  )
}
