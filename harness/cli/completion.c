/* wirelab completion: a script for the shell, which completes verbs, labs and
 * test ids.  Labs and ids are asked for when Tab is pressed, so that the script
 * never goes out of date. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const char bash_script[] =
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    local program=${COMP_WORDS[0]} verb=${COMP_WORDS[1]}\n"
    "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
    "        COMPREPLY=($(compgen -W \"$verbs help\" -- \"$cur\"))\n"
    "    elif [ \"$prev\" = --test ]; then\n"
    "        COMPREPLY=($(compgen -W \"$(\"$program\" list --ids \\\n"
    "            \"${COMP_WORDS[2]}\" 2>/dev/null)\" -- \"$cur\"))\n"
    "    elif [ \"$prev\" = --impl ]; then\n"
    "        COMPREPLY=(solution $(compgen -d -- \"$cur\"))\n"
    "    elif [ \"$verb\" = results ] && [ \"$COMP_CWORD\" -eq 2 ]; then\n"
    "        COMPREPLY=($(compgen -W \"$(\"$program\" results --help |\n"
    "            sed -n 's/^  \\([a-z]*\\)  .*/\\1/p')\" -- \"$cur\"))\n"
    "    elif [[ $cur == -* ]]; then\n"
    "        local action=\n"
    "        [ \"$verb\" != results ] || action=${COMP_WORDS[2]}\n"
    "        COMPREPLY=($(compgen -W \"$(\"$program\" \"$verb\" $action --help "
    "|\n"
    "            sed -n 's/^  \\(--[a-z-]*\\).*/\\1/p')\" -- \"$cur\"))\n"
    "    elif [ \"$verb\" = replay ] || [ \"$verb\" = results ]; then\n"
    "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
    "    elif [[ $verb == hint && $cur == *.* ]]; then\n"
    "        COMPREPLY=($(compgen -W \"$(\"$program\" list --ids \\\n"
    "            \"${cur%%.*}\" 2>/dev/null)\" -- \"$cur\"))\n"
    "    elif [ \"$COMP_CWORD\" -eq 2 ]; then\n"
    "        COMPREPLY=($(compgen -W \"$(\"$program\" list --numbers \\\n"
    "            2>/dev/null)\" -- \"$cur\"))\n"
    "    fi\n"
    "}\n"
    "complete -o filenames -F _wirelab wirelab ./wirelab\n";

static const char fish_script[] =
    "function __wirelab_labs\n"
    "    set -l words (commandline -opc)\n"
    "    $words[1] list --numbers 2>/dev/null\n"
    "end\n"
    "function __wirelab_ids\n"
    "    set -l words (commandline -opc)\n"
    "    $words[1] list --ids $words[3] 2>/dev/null\n"
    "end\n"
    "function __wirelab_hint_ids\n"
    "    set -l words (commandline -opc)\n"
    "    set -l lab (commandline -ct | string replace -r '[.].*' '')\n"
    "    test -n \"$lab\"; and $words[1] list --ids $lab 2>/dev/null\n"
    "end\n"
    "function __wirelab_actions\n"
    "    set -l words (commandline -opc)\n"
    "    $words[1] results --help | string match -rg '^  ([a-z]+)  '\n"
    "end\n"
    "complete -c wirelab -f\n"
    "complete -c wirelab -n '__fish_is_nth_token 2' -a '(__wirelab_labs)'\n"
    "complete -c wirelab -n '__fish_seen_subcommand_from hint' \\\n"
    "    -a '(__wirelab_hint_ids)'\n"
    "complete -c wirelab -n '__fish_seen_subcommand_from results' \\\n"
    "    -a '(__wirelab_actions)' -F\n"
    "complete -c wirelab -l test -x -a '(__wirelab_ids)'\n"
    "complete -c wirelab -l impl -r -a 'solution'\n";

static void print_bash(void)
{
    printf("_wirelab() {\n    local verbs='");
    for (size_t i = 0; i < verb_count; i++)
        printf("%s%s", i ? " " : "", verbs[i].name);
    printf("'\n%s", bash_script);
}

static void print_zsh(void)
{
    puts("autoload -U +X bashcompinit && bashcompinit");
    print_bash();
}

static void print_fish(void)
{
    fputs(fish_script, stdout);
    for (size_t i = 0; i < verb_count; i++)
        printf("complete -c wirelab -n __fish_use_subcommand -a %s -d '%s'\n",
               verbs[i].name, verbs[i].summary);
}

int cli_completion(int argc, char **argv)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    const struct command command = {
        .name = "completion",
        .usage = "bash|zsh|fish",
        .summary = "Prints a script that completes wirelab's commands, labs "
                   "and tests",
        .text = "Put this line into ~/.bashrc, say:  eval \"$(./wirelab "
                "completion bash)\"",
        .min_operands = 1,
        .max_operands = 1,
    };
    size_t operands;
    int status;
    if (!command_parse(&command, argc, argv, &operands, &status))
        return status;
    if (strcmp(argv[1], shells[0]) == 0)
        print_bash();
    else if (strcmp(argv[1], shells[1]) == 0)
        print_zsh();
    else if (strcmp(argv[1], shells[2]) == 0)
        print_fish();
    else
        return usage_unknown("shell", argv[1], shells, 3);
    return EXIT_PASSED;
}
