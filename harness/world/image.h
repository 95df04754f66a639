/* The agent program, carried inside the library. */
#ifndef WORLD_IMAGE_H
#define WORLD_IMAGE_H

/* Writes it to a new file that can be executed.  Returns 0 or -errno. */
int agent_image_write(const char *path);

#endif
