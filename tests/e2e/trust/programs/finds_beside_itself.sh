# needs: command:cc
# A program that loads a library by name, and that library another: both are found beside who asks ($ORIGIN).
set -e
mkdir -p app/plugins app/plugins/deep
echo 'int deep(void) { return 40; }' >d.c
echo '#include <dlfcn.h>
int plugin(void) { void *l = dlopen("libdeep.so", RTLD_NOW); int (*f)(void) = l ? (int (*)(void))dlsym(l, "deep") : 0; int n = f ? f() + 2 : -1; if (l) dlclose(l); return n; }
int text_read(void) { return 7; }
int frames_open(void) { return text_read() + 1; }' >p.c
echo '#include <dlfcn.h>
#include <stdio.h>
int main(void) { for (int i = 0; i < 50; i++) { void *l = dlopen("libplugin.so", RTLD_NOW | (i % 2 ? RTLD_GLOBAL : RTLD_LOCAL)); if (!l) { puts(dlerror()); return 1; }
int (*f)(void) = (int (*)(void))dlsym(l, "plugin"), (*g)(void) = (int (*)(void))dlsym(l, "frames_open"); if (i % 25 == 0) printf("%d %d\n", f(), g()); dlclose(l); }
printf("%d\n", dlopen("libnotthere.so", RTLD_NOW) == 0); puts(dlerror()); return 0; }' >m.c
cc -w -shared -fPIC -o app/plugins/deep/libdeep.so d.c
cc -w -shared -fPIC -o app/plugins/libplugin.so p.c -Wl,-rpath,'$ORIGIN/deep'
cc -w -o app/main m.c -Wl,-rpath,'$ORIGIN/plugins'
app/main
