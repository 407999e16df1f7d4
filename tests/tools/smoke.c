/* Loads the library as a till does that has no import library, and looks up every function named on the command
   line.  smoke LIBRARY.dll [FUNCTION...] */
#include <stdio.h>
#include <windows.h>

typedef unsigned int(__cdecl *version_fn)(void);

int main(int argc, char **argv)
{
    HMODULE library;
    version_fn version;
    int i;

    if (argc < 2) return 2;
    library = LoadLibraryA(argv[1]);
    if (!library) {
        printf("%s does not load: Windows error %lu\n", argv[1], GetLastError());
        return 1;
    }
    for (i = 2; i < argc; i++) {
        if (!GetProcAddress(library, argv[i])) {
            printf("%s has no %s\n", argv[1], argv[i]);
            return 1;
        }
    }
    version = (version_fn)(void *)GetProcAddress(library, "pj_version");
    printf("%d-bit: loaded, %d functions found", (int)sizeof(void *) * 8, argc - 2);
    if (version) printf(", version 0x%06x", version());
    printf("\n");
    return 0;
}
