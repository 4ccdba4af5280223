import { Toast } from '@base-ui/react/toast'
import { CrossIcon } from './icons.tsx'

/** Says that something is done, politely: it is read out when the reader pauses, and leaves by itself. */
export function useToast(): (title: string, description?: string) => void {
  const manager = Toast.useToastManager()
  return (title, description) => {
    manager.add({ title, ...(description ? { description } : {}), priority: 'low', timeout: 6000 })
  }
}

export const ToastProvider = Toast.Provider

export function Toasts() {
  return (
    <Toast.Portal>
      <Toast.Viewport
        className="fixed right-4 bottom-20 left-4 z-50 flex flex-col gap-2 sm:left-auto sm:w-96 lg:right-6 lg:bottom-6
          print:hidden"
      >
        <ToastList />
      </Toast.Viewport>
    </Toast.Portal>
  )
}

function ToastList() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      swipeDirection={['right', 'down']}
      className="rounded-xl border border-line bg-raised shadow-float transition duration-200
        data-ending-style:translate-y-2 data-ending-style:opacity-0 data-limited:hidden
        data-starting-style:translate-y-2 data-starting-style:opacity-0"
    >
      <Toast.Content className="flex items-start gap-3 py-2 pr-2 pl-4">
        <div className="min-w-0 flex-1 py-1.5">
          <Toast.Title className="text-sm font-semibold" />
          <Toast.Description className="text-sm text-ink-soft" />
        </div>
        <Toast.Close
          aria-label="Dismiss"
          className="flex size-11 items-center justify-center rounded-lg text-ink-soft hover:bg-sunken hover:text-ink"
        >
          <CrossIcon className="size-4" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ))
}
