/* The sandbox's init, as a file that can be executed. */
#ifndef RUN_IMAGE_H
#define RUN_IMAGE_H

/* Returns a read-only descriptor of a memory file that holds it, close-on-exec,
 * or -errno. */
int init_image_open(void);

#endif
