//! Which parameters or arguments of a functor are missing, superfluous or wrong: upstream's
//! `Functor_inclusion_diff` and `Functor_app_diff`.

use super::*;
use crate::diffing::variadic::{self, Edit, Patch, Problem};
use crate::mtype::nondep_supertype;
use rocaml_types::ctype::create_scope;

/// Why a parameter or an argument does not fit.
pub enum ParamSymptom {
    /// One is generative, the other not.
    Incompatible,
    Mismatch(ModuleTypeDiff),
}

/// What is known after some parameters.
#[derive(Clone)]
pub struct State {
    /// The result, if it may turn out to be a functor.
    res: Option<ModuleType>,
    env: Env,
    subst: Subst,
}

fn expansible(res: &ModuleType) -> Option<ModuleType> {
    matches!(res, ModuleType::Ident(_) | ModuleType::Alias(_)).then(|| res.clone())
}

impl State {
    /// More parameters, if the result is a functor by now.
    fn expand(self, cx: &Context) -> (State, Vec<FunctorParameter>) {
        let Some(res) = &self.res else { return (self, vec![]) };
        let FunctorParams { params, res } = retrieve_functor_params(cx, &self.env, res);
        if params.is_empty() {
            return (self, params);
        }
        (State { res: expansible(&res), ..self }, params)
    }

    fn bind(self, cx: &Context, arg: bool, id: Ident, mty: &ModuleType) -> State {
        let mty = self.subst.modtype(cx, Scoping::Keep, mty);
        let env = self.env.add_module(cx, arg, id, ModulePresence::Present, &mty);
        State { env, ..self }
    }
}

fn param_name(param: &FunctorParameter) -> Option<Ident> {
    match param {
        FunctorParameter::Named(id, _) => *id,
        FunctorParameter::Unit => None,
    }
}

/// Weight of a step that changes something.
const COSTLY: u32 = 10;

// ---------------------------------------------------------------------------------------------
// Functor types

/// Comparing the parameters of two functor types; the result of the left one may bring more.
pub struct Inclusion<'a> {
    cx: &'a Context,
}

impl Inclusion<'_> {
    /// A parameter of one side only: its types may be mentioned later.
    fn bind_alone(&self, param: &FunctorParameter, state: &State) -> (State, Vec<FunctorParameter>) {
        match param {
            FunctorParameter::Named(Some(id), mty) => state.clone().bind(self.cx, false, *id, mty).expand(self.cx),
            _ => (state.clone(), vec![]),
        }
    }
}

impl Problem for Inclusion<'_> {
    type Left = FunctorParameter;
    type Right = FunctorParameter;
    type Reason = ParamSymptom;
    type State = State;

    fn weight(&self, edit: &Edit<FunctorParameter, FunctorParameter, ParamSymptom>) -> u32 {
        let Edit::Keep(left, right) = edit else { return COSTLY };
        u32::from(param_name(left).map(|id| id.name()) != param_name(right).map(|id| id.name()))
    }

    fn test(&self, state: &State, left: &FunctorParameter, right: &FunctorParameter) -> Result<(), ParamSymptom> {
        checker(self.cx, Location::none(), false).functor_param(&state.env, &state.subst, left, right).0.map(drop)
    }

    fn update(
        &self,
        edit: &Edit<FunctorParameter, FunctorParameter, ParamSymptom>,
        state: &State,
    ) -> (State, Vec<FunctorParameter>, Vec<FunctorParameter>) {
        let (state, more) = match edit {
            Edit::Delete(param) | Edit::Insert(param) => self.bind_alone(param, state),
            Edit::Change(left, right, _) => {
                let (state, _) = self.bind_alone(left, state);
                self.bind_alone(right, &state)
            }
            Edit::Keep(FunctorParameter::Named(name1, _), FunctorParameter::Named(name2, arg2)) => {
                let arg = state.subst.modtype(self.cx, Scoping::Keep, arg2);
                let (env, subst) = equate_param(self.cx, &state.env, &state.subst, &arg, *name1, *name2);
                State { env, subst, ..state.clone() }.expand(self.cx)
            }
            Edit::Keep(..) => (state.clone(), vec![]),
        };
        (state, more, vec![])
    }
}

/// The patch between the parameters of two functors.
pub fn inclusion<'a>(
    cx: &'a Context,
    env: &Env,
    subst: &Subst,
    got: &FunctorParams,
    expected: &FunctorParams,
) -> Patch<Inclusion<'a>> {
    let state = State { res: expansible(&got.res), env: env.clone(), subst: subst.clone() };
    variadic::patch(&Inclusion { cx }, state, &got.params, &expected.params)
}

// ---------------------------------------------------------------------------------------------
// Applications

/// An argument with its type.
pub type Argument = (FunctorArgument, ModuleType);

/// Comparing arguments with parameters; the functor's result may bring more of these.
pub struct Application<'a> {
    cx: &'a Context,
}

impl Problem for Application<'_> {
    type Left = Argument;
    type Right = FunctorParameter;
    type Reason = ParamSymptom;
    type State = State;

    fn weight(&self, edit: &Edit<Argument, FunctorParameter, ParamSymptom>) -> u32 {
        let Edit::Keep((argument, _), param) = edit else { return COSTLY };
        match (argument, param_name(param)) {
            (FunctorArgument::Named(Path::Ident(id)), Some(name)) => u32::from(id.name() != name.name()),
            (FunctorArgument::Named(_), _) | (_, Some(_)) => 1,
            (_, None) => 0,
        }
    }

    fn test(&self, state: &State, (argument, mty): &Argument, param: &FunctorParameter) -> Result<(), ParamSymptom> {
        match (argument, param) {
            (FunctorArgument::Unit | FunctorArgument::EmptyStruct, FunctorParameter::Unit) => Ok(()),
            (FunctorArgument::Unit, _) | (_, FunctorParameter::Unit) => Err(ParamSymptom::Incompatible),
            (_, FunctorParameter::Named(_, expected)) => checker(self.cx, Location::none(), false)
                .modtypes(&state.env, &state.subst, mty, expected)
                .map(drop)
                .map_err(ParamSymptom::Mismatch),
        }
    }

    fn update(
        &self,
        edit: &Edit<Argument, FunctorParameter, ParamSymptom>,
        state: &State,
    ) -> (State, Vec<Argument>, Vec<FunctorParameter>) {
        let (cx, state) = (self.cx, state.clone());
        let (state, more) = match edit {
            Edit::Insert(FunctorParameter::Named(Some(id), mty))
            | Edit::Change(_, FunctorParameter::Named(Some(id), mty), _) => state.bind(cx, true, *id, mty).expand(cx),
            Edit::Keep((FunctorArgument::Named(arg), _), FunctorParameter::Named(Some(id), _)) => {
                let res = state.res.map(|res| {
                    let subst = Subst::identity().add_module(*id, arg.clone());
                    subst.modtype(cx, Scoping::Rescope(create_scope(cx)), &res)
                });
                let subst = state.subst.add_module(*id, arg.clone());
                State { res, subst, ..state }.expand(cx)
            }
            Edit::Keep(
                (FunctorArgument::Anonymous | FunctorArgument::EmptyStruct, mty),
                FunctorParameter::Named(Some(id), _),
            ) => {
                let state = state.bind(cx, true, *id, mty);
                let res = state.res.as_ref().and_then(|res| nondep_supertype(cx, &state.env, &[*id], res).ok());
                State { res, ..state }.expand(cx)
            }
            _ => (state, vec![]),
        };
        (state, vec![], more)
    }
}

/// The patch between the arguments given to a functor and its parameters.
pub fn application<'a>(cx: &'a Context, env: &Env, functor: &ModuleType, args: &[Argument]) -> Patch<Application<'a>> {
    let FunctorParams { params, res } = retrieve_functor_params(cx, env, functor);
    let state = State { res: expansible(&res), env: env.clone(), subst: Subst::identity() };
    variadic::patch(&Application { cx }, state, args, &params)
}
