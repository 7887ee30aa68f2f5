/** The ground of everything that floats: menus, listboxes, popovers. */
export const floating =
  "pop-in z-60 max-h-[min(26rem,80vh)] overflow-y-auto rounded-pop bg-raised p-1 shadow-float outline-none";
